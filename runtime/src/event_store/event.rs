//! An event as it is stored, and a snapshot of what a stream has come to.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::storage::{StoreError, StoreResult};

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

/// An event that is to be appended.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// Which event it is.
    pub kind: String,
    /// The version of its schema.
    pub schema: u32,
    /// What it says.
    pub data: serde_json::Value,
}

impl NewEvent {
    /// An event of a kind and schema.
    ///
    /// # Errors
    /// When the data has no JSON form.
    pub fn new(kind: &str, schema: u32, data: &impl Serialize) -> StoreResult<Self> {
        let data = serde_json::to_value(data).map_err(|e| StoreError::corrupt("an event", e))?;
        Ok(Self {
            kind: kind.to_owned(),
            schema,
            data,
        })
    }
}

impl StoredEvent {
    /// What the event says, as a type.
    ///
    /// # Errors
    /// When the data does not fit.
    pub fn data<T: DeserializeOwned>(&self) -> StoreResult<T> {
        serde_json::from_value(self.data.clone()).map_err(|e| {
            StoreError::corrupt(format!("event {} of `{}`", self.version, self.stream), e)
        })
    }
}
