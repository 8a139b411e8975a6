//! Lines as rustfmt leaves them: templates and plans write each statement on one line, and it is broken here by width.
//!
//! No rustfmt runs at generation: its version is the user's, and it costs more than all else that generation does. This is a small
//! part of its algorithm, in its default configuration and the edition of the generated code: `tokens` and `parse` read a
//! file into a `tree`, `print` rewrites each piece within the room that it has, its `shape`. What is not understood stays as
//! it was written, so that a construct that templates avoid costs its look, never its meaning.

mod parse;
mod print;
mod shape;
#[cfg(test)]
mod tests;
mod tokens;
mod tree;

/// Lays out a file of Rust.
pub(super) fn rust(text: &str) -> String {
    match parse::file(text) {
        Some(entries) => print::file(&entries),
        None => text.to_owned(),
    }
}
