//! An event as it is stored, and a snapshot of what a stream has come to.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An event of a stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredEvent {
    /// Its place among all events of the store; set by the store.
    pub position: i64,
    /// Its identity.
    pub id: Uuid,
    /// The stream that it belongs to.
    pub stream: String,
    /// Its place in the stream, from 1.
    pub version: i64,
    /// Which event it is.
    pub kind: String,
    /// The version of its schema.
    pub schema: u32,
    /// What it says.
    pub data: serde_json::Value,
    /// What ties it to its cause: correlation and trace.
    pub metadata: serde_json::Value,
    /// When it was recorded.
    pub time: DateTime<Utc>,
}

/// What the events of a stream have come to, so that not all of them need be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The stream.
    pub stream: String,
    /// The version of the last event within it.
    pub version: i64,
    /// The version of the state's own form; another one is not used.
    pub schema: u32,
    /// The state.
    pub state: serde_json::Value,
}
