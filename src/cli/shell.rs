//! Words for a shell to take as they are.

use std::path::Path;

/// A path as a shell takes it.
pub(super) fn quoted(path: &Path) -> String {
    word(&path.display().to_string())
}

/// A word as a shell takes it.
pub(super) fn word(text: &str) -> String {
    let plain = |char: char| char.is_alphanumeric() || "/._-+@%:,=".contains(char);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        assert_eq!(quoted(Path::new("a/b-c")), "a/b-c");
        assert_eq!(quoted(Path::new("my shop's")), "'my shop'\\''s'");
        assert_eq!(word("orders:read"), "orders:read");
        assert_eq!(word("$HOME"), "'$HOME'");
        assert_eq!(word(""), "''");
    }
}
