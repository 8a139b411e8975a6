//! What the store promises, on SQLite.

mod changes;
pub(crate) mod fixture;
pub(crate) mod fused;
mod housekeeping;
mod idempotency;
mod lists;
mod undo;
