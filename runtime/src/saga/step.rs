//! What a service does in a step of a saga.

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::messaging::MessageError;
use crate::problem::Problem;
use crate::storage::{StoreError, UndoLog, UnitOfWork};
use crate::worker::BoxError;

/// A step was not taken.
#[derive(Debug, Error)]
pub enum StepError {
    /// The business says no: the saga is compensated at once.
    #[error("{0}")]
    Reject(String),
    /// Something failed: the step is tried again first.
    #[error("the step failed")]
    Error(#[source] BoxError),
}

impl StepError {
    /// The business says no.
    pub fn reject(reason: impl Into<String>) -> Self {
        Self::Reject(reason.into())
    }
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        if error.is_refusal() {
            Self::Reject(error.to_string())
        } else {
            Self::Error(error.into())
        }
    }
}

impl From<MessageError> for StepError {
    fn from(error: MessageError) -> Self {
        Self::Error(error.into())
    }
}

/// Whether a problem says no for good: what the caller got wrong stays wrong; what the service got wrong, and what only needs time,
/// may go better.
pub(super) fn is_refusal(problem: &Problem) -> bool {
    let status = problem.status();
    let temporary = matches!(status.as_u16(), 401 | 408 | 425 | 429);
    status.is_client_error() && !temporary
}

impl From<Problem> for StepError {
    fn from(problem: Problem) -> Self {
        if is_refusal(&problem) {
            Self::Reject(problem.to_string())
        } else {
            Self::Error(Box::new(problem))
        }
    }
}

/// A step that was taken, when it is to be taken back.
#[derive(Clone, Debug)]
pub struct Completed<I, O> {
    /// What it worked on.
    pub input: I,
    /// What it gave.
    pub output: O,
    /// What it changed.
    pub undo: UndoLog,
}

/// What a service does in a step of a saga. What it does to the unit of work is written down so that it can be undone.
#[async_trait]
pub trait Step: Send + Sync + 'static {
    /// What it works on.
    type Input: DeserializeOwned + Send + Sync + 'static;
    /// What it gives.
    type Output: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// The saga.
    const SAGA: &'static str;
    /// The step's name within it.
    const NAME: &'static str;

    /// Takes the step. Its effects become durable together with the answer, once.
    ///
    /// # Errors
    /// [`StepError::Reject`] when the business says no, for which a broken floor or a missing record counts too.
    async fn run(
        &self,
        step: &mut UnitOfWork,
        input: Self::Input,
    ) -> Result<Self::Output, StepError>;

    /// Takes the step back. Undoes its effects in reverse unless something else is declared.
    ///
    /// # Errors
    /// Any failure is tried again until it is done.
    async fn compensate(
        &self,
        step: &mut UnitOfWork,
        completed: Completed<Self::Input, Self::Output>,
    ) -> Result<(), StepError> {
        Ok(step.undo(&completed.undo).await?)
    }
}
