//! What several tests share.

// Each test uses a part of it.
#![allow(dead_code, unused_imports, reason = "each test uses a part of it")]

pub(crate) mod random;
mod system;
mod workspace;

pub(crate) use system::{Answer, System};
pub(crate) use workspace::Workspace;
