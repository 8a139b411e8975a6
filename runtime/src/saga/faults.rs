//! Failures on purpose, which a local run asks for and nothing else has.

/// What is to happen to a step instead of what should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provoked {
    /// It is refused.
    Reject,
    /// It fails.
    Error,
    /// It never answers.
    Hang,
}

/// Says whether a failure is wanted now.
pub trait Faults: Send + Sync + 'static {
    /// What is to happen to a step or a compensation of a service, this time.
    fn strike(&self, service: &str, step: &str) -> Option<Provoked>;
}

/// What was asked for on the command line of a local run; nothing in any other binary.
#[derive(Clone, Copy, Debug, Default)]
pub struct AskedFor;

impl Faults for AskedFor {
    #[cfg(feature = "local")]
    fn strike(&self, service: &str, step: &str) -> Option<Provoked> {
        use crate::fault::{FaultKind, strike};
        strike(service, step).map(|kind| match kind {
            FaultKind::Reject => Provoked::Reject,
            FaultKind::Error => Provoked::Error,
            FaultKind::Hang => Provoked::Hang,
        })
    }

    #[cfg(not(feature = "local"))]
    fn strike(&self, _service: &str, _step: &str) -> Option<Provoked> {
        None
    }
}
