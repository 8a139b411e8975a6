//! Comments, which YAML throws away and suppressions live in.

use super::super::source::Span;

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// From its `#` to the end of the line.
    pub span: Span,
    /// What stands after the `#`.
    pub text: Box<str>,
}
