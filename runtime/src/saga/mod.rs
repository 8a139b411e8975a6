//! Sagas.

mod log;

pub use log::{ParticipationRecord, SagaCount, SagaRecord};
