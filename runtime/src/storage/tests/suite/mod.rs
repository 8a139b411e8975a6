//! What every store promises: one suite, on each of them.

use super::fixture;

mod changes;
mod events;
mod housekeeping;
mod idempotency;
mod limits;
mod lists;
mod messages;
mod sagas;
mod undo;
