//! The suite on SQLite.

#[path = "../suite/mod.rs"]
mod suite;

use crate::storage::testing as fixture;
