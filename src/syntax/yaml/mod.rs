//! YAML 1.2 text to a tree of [`Node`]s that know their places. This is the only room that knows the event parser, so
//! that it can be exchanged.
//!
//! What YAML allows and an architecture has no use for is a finding and not a guess: tags, several documents, keys that
//! are no text, the same key twice. Anchors, aliases and `<<` are expanded within a budget.

mod build;
mod comment;
mod node;
mod number;

pub use comment::Comment;
pub use node::{Entry, Map, Node, Scalar, Style, Value};
pub use number::{Number, number};

use super::finding::Finding;
use super::source::SourceId;

/// How deep collections may nest. Every walk over the tree, and its drop, recurses at most this far.
pub const MAX_DEPTH: usize = 128;

/// How many values one file may hold, what aliases expand to included.
pub const MAX_NODES: usize = 4_000_000;

/// How many values all aliases of one file may expand to.
pub const MAX_EXPANDED: usize = 250_000;

/// How many faults of one file are told; what a broken file has beyond them is noise.
pub(crate) const MAX_FINDINGS: usize = 1_000;

/// How often reading is taken up again at the next top-level key after a syntax error.
pub(crate) const MAX_RECOVERIES: usize = 20;

/// What a text turned out to be.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The document; `None` when there is none.
    pub root: Option<Node>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// Every comment, in order.
    pub comments: Vec<Comment>,
    /// Whether something is missing from the tree, because of a syntax error or a limit: nothing may be concluded from
    /// the absence of a key then.
    pub incomplete: bool,
}

/// Reads `text`. Never fails: what is wrong stands among the findings, and what could be read is in the tree.
#[must_use]
pub fn parse(text: &str, source: SourceId) -> Parsed {
    build::parse(text, source)
}

#[cfg(test)]
mod tests;
