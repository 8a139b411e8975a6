//! Pictures as text: Mermaid, which GitHub and GitLab draw, and DOT, which Graphviz draws.

pub mod dot;
pub mod mermaid;
