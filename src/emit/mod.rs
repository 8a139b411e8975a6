//! From the plan to a tree of files in memory.

pub mod tree;
