//! Events.

mod event;

pub use event::{Snapshot, StoredEvent};
