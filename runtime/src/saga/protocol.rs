//! What coordinator and participants say to each other.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

/// What a participant is asked to do about a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Take the step.
    Run,
    /// Say what became of the step, and never take it if it was not taken yet: the question after a pivot that did not answer.
    Settle,
    /// Take the step back, and never take it if it was not taken yet.
    Compensate,
}

/// The coordinator's word to a participant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// The saga.
    pub saga: Uuid,
    /// Which saga it is.
    pub name: String,
    /// The version of its definition.
    pub definition: u32,
    /// The step.
    pub step: String,
    /// The name of what takes the step back.
    pub compensation: Option<String>,
    /// What to do.
    pub action: Action,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// Whether a refusal cannot be accepted, because the saga cannot go back.
    pub forward_only: bool,
    /// What the step works on; null unless it is to be run.
    pub input: Json,
    /// Where the answer goes.
    pub reply_to: String,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is done, with this output.
    Done(Json),
    /// The business says no. Nothing was done, and nothing ever will be.
    Rejected(String),
    /// It failed for a technical reason. Nothing was done, and another attempt may succeed.
    Failed(String),
}

/// A participant's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The saga.
    pub saga: Uuid,
    /// The step.
    pub step: String,
    /// What was asked.
    pub action: Action,
    /// Which attempt it answers.
    pub attempt: u32,
    /// What became of it.
    pub outcome: Outcome,
}

/// The topic of the commands to a service.
#[must_use]
pub fn commands_topic(service: &str) -> String {
    format!("sagas.{service}.commands")
}

/// The topic of the replies to a coordinating service.
#[must_use]
pub fn replies_topic(service: &str) -> String {
    format!("sagas.{service}.replies")
}
