//! A participant's memory of a step, and what it makes of a command: pure, as the coordinator's side is.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Action, Outcome};
use crate::storage::UndoLog;

/// What became of a step here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub(super) enum Participation {
    /// It was taken.
    Done {
        input: Json,
        output: Json,
        undo: UndoLog,
    },
    /// It was refused, and stays so.
    Rejected { reason: String },
    /// It was taken back, or must never be taken: the tombstone against a command that comes late.
    Closed,
}

/// What a participant does about a command.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Decision {
    /// Take the step.
    Run,
    /// Take the step back.
    Compensate {
        input: Json,
        output: Json,
        undo: UndoLog,
    },
    /// Note that the step must never be taken, and answer.
    Close(Outcome),
    /// Only answer, as before.
    Answer(Outcome),
}

/// What a command means, given what became of the step so far.
pub(super) fn decide(known: Option<Participation>, action: Action) -> Decision {
    let cancelled = || Outcome::Rejected("the step was cancelled before it was taken".to_owned());
    match (action, known) {
        (Action::Run, None) => Decision::Run,
        (Action::Run | Action::Settle, Some(Participation::Done { output, .. })) => {
            Decision::Answer(Outcome::Done(output))
        }
        (Action::Run | Action::Settle, Some(Participation::Rejected { reason })) => {
            Decision::Answer(Outcome::Rejected(reason))
        }
        (Action::Run | Action::Settle, Some(Participation::Closed)) => {
            Decision::Answer(cancelled())
        }
        (Action::Settle, None) => Decision::Close(cancelled()),
        (
            Action::Compensate,
            Some(Participation::Done {
                input,
                output,
                undo,
            }),
        ) => Decision::Compensate {
            input,
            output,
            undo,
        },
        (Action::Compensate, None | Some(Participation::Rejected { .. })) => {
            Decision::Close(Outcome::Done(Json::Null))
        }
        (Action::Compensate, Some(Participation::Closed)) => {
            Decision::Answer(Outcome::Done(Json::Null))
        }
    }
}
