//! What the store promises, on SQLite.

mod changes;
mod fixture;
mod idempotency;
mod lists;
mod undo;
