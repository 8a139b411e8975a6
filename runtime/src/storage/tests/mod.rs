//! What the store promises, on SQLite.

mod changes;
pub(crate) mod fixture;
mod idempotency;
mod lists;
mod undo;
