//! An error in one line.

use std::error::Error;

/// An error with its causes, each said once: many an error repeats its cause in its own text.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let told = cause.to_string();
        if !text.ends_with(&told) {
            text.push_str(": ");
            text.push_str(&told);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("it cannot be asked: {source}")]
    struct Repeats {
        source: io::Error,
    }

    #[derive(Debug, thiserror::Error)]
    #[error("no answer")]
    struct Tells {
        source: Repeats,
    }

    #[test]
    fn a_cause_that_is_told_already_is_not_told_again() {
        let source = Repeats {
            source: io::Error::other("disk on fire"),
        };
        let error = Tells { source };
        assert_eq!(chain(&error), "no answer: it cannot be asked: disk on fire");
    }
}
