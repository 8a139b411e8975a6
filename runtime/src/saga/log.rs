//! What is durable of a saga, on the coordinator's side and on a participant's.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use uuid::Uuid;

/// A saga as the coordinator's store keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct SagaRecord {
    /// Its identity.
    pub id: Uuid,
    /// Which saga it is.
    pub name: String,
    /// The version of the definition that it began with, and keeps.
    pub definition: u32,
    /// How far it is, in one word.
    pub status: String,
    /// Rises with each change, so that two writers cannot overwrite each other.
    pub revision: i64,
    /// When its timer runs out.
    pub wake_at: Option<DateTime<Utc>>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Its whole state.
    pub body: Json,
}

/// A service's part in one step of a saga, as its store keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct ParticipationRecord {
    /// The saga.
    pub saga: Uuid,
    /// The step.
    pub step: String,
    /// What became of it, in one word.
    pub status: String,
    /// The answer that was given and the undo log.
    pub body: Json,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// How many sagas of a name are in a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SagaCount {
    /// The saga's name.
    pub name: String,
    /// The status.
    pub status: String,
    /// How many.
    pub count: u64,
}
