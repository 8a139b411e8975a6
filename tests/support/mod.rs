//! What several tests share.

// Each test uses a part of it.
#![allow(dead_code, unused_imports, reason = "each test uses a part of it")]

mod client;
mod gateway;
pub(crate) mod random;
pub(crate) mod shop;
mod system;
mod workspace;

pub(crate) use client::Client;
pub(crate) use gateway::{Answer, Gateway};
pub(crate) use system::{System, mint};
pub(crate) use workspace::Workspace;
