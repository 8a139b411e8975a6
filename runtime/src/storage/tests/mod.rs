//! What the store promises, on SQLite.

mod changes;
pub(crate) mod fixture;
pub(crate) mod fused;
mod housekeeping;
mod idempotency;
mod limits;
mod lists;
mod undo;
