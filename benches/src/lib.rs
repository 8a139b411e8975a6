//! What measuring needs: architectures of any size, and what msarch does with them.

mod steps;
mod synthetic;

pub use steps::{generate, loaded, read_only, rule_pages, tree_of, validate};
pub use synthetic::{architecture, messages, system, unprotected};
