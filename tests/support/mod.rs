//! What several tests share.

// Each test uses a part of it.
#![allow(dead_code, unused_imports, reason = "each test uses a part of it")]

mod gateway;
pub(crate) mod random;
mod system;
mod workspace;

pub(crate) use gateway::{Answer, Gateway};
pub(crate) use system::{System, mint};
pub(crate) use workspace::Workspace;
