//! Sagas.

mod coordinator;
mod definition;
mod faults;
mod instance;
mod log;
mod participant;
mod participation;
mod protocol;
mod step;

pub use coordinator::{Coordinator, Saga, start};
pub use definition::{Definition, StepDefinition, StepKind};
pub use faults::{AskedFor, Faults, Provoked};
pub use instance::{SagaData, SagaFailure};
pub use log::{ParticipationRecord, SagaCount, SagaRecord};
pub use participant::Participant;
pub use protocol::{Action, Command, Outcome, Reply, commands_topic, replies_topic};
pub use step::{Completed, Step, StepError};

#[cfg(test)]
mod tests;
