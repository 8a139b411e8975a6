//! What is checked of a request beyond its types; every field that is wrong is named.
//!
//! ```
//! use msarch_runtime::validate::Checks;
//!
//! let checks = Checks::new().min("/quantity", 0, 1).max_length("/note", "far too long".len(), 5);
//! let problem = checks.finish().expect_err("two fields are wrong");
//! assert_eq!(problem.errors().len(), 2);
//! ```

use std::fmt::Display;

use regex::Regex;

use crate::problem::{FieldError, Problem};

/// Collects the fields that are wrong.
#[derive(Debug, Default)]
#[must_use = "nothing is refused before `finish`"]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// Nothing is wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A number that may not be less.
    pub fn min<T: PartialOrd + Display>(self, pointer: &str, value: T, least: T) -> Self {
        let fits = value >= least;
        self.expect(fits, pointer, || format!("must be at least {least}"))
    }

    /// A number that may not be more.
    pub fn max<T: PartialOrd + Display>(self, pointer: &str, value: T, most: T) -> Self {
        let fits = value <= most;
        self.expect(fits, pointer, || format!("must be at most {most}"))
    }

    /// A text or a list that may not be shorter.
    pub fn min_length(self, pointer: &str, length: usize, least: usize) -> Self {
        self.expect(length >= least, pointer, || {
            format!("must not be shorter than {least}")
        })
    }

    /// A text or a list that may not be longer.
    pub fn max_length(self, pointer: &str, length: usize, most: usize) -> Self {
        self.expect(length <= most, pointer, || {
            format!("must not be longer than {most}")
        })
    }

    /// A text that has to match a regular expression. One that cannot be read matches nothing.
    pub fn pattern(self, pointer: &str, value: &str, pattern: &str) -> Self {
        let fits = Regex::new(pattern).is_ok_and(|regex| regex.is_match(value));
        self.expect(fits, pointer, || format!("must match `{pattern}`"))
    }

    /// Anything else that has to hold.
    pub fn expect(mut self, fits: bool, pointer: &str, detail: impl FnOnce() -> String) -> Self {
        if !fits {
            self.0.push(FieldError::new(pointer, detail()));
        }
        self
    }

    /// Ends the checks.
    ///
    /// # Errors
    /// 400 with every field that is wrong.
    pub fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Problem::validation(self.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_themselves_are_allowed() {
        let checks = Checks::new()
            .min("/a", 1, 1)
            .max("/a", 1, 1)
            .min_length("/b", 2, 2)
            .max_length("/b", 2, 2);
        assert!(checks.finish().is_ok());
    }

    #[test]
    fn a_text_that_does_not_match_is_named_with_the_pattern() {
        let problem = Checks::new()
            .pattern("/code", "abc", "^[0-9]+$")
            .finish()
            .unwrap_err();
        assert_eq!(problem.errors()[0].pointer, "/code");
        assert!(problem.errors()[0].detail.contains("^[0-9]+$"));
    }
}
