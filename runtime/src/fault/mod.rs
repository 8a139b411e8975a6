//! Failures on purpose, for trying out a local run: a step of a saga that fails (`service.step=reject|error|hang[:times]`), a
//! process that dies at a durable operation, a broker that delivers twice and out of order. Compiled into the local binary only.
//!
//! The plan belongs to the process, since the local binary is one process that runs one system; nothing else sets it.
//!
//! ```
//! use msarch_runtime::fault::{self, Fault, FaultKind};
//!
//! fault::plan("stock.reserve=reject:1".parse::<Fault>().expect("well formed"));
//! assert_eq!(fault::strike("stock", "reserve"), Some(FaultKind::Reject));
//! assert_eq!(fault::strike("stock", "reserve"), None);
//! ```

mod disturbed;
pub(crate) mod durable;

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

pub use disturbed::DisturbedBus;
pub use durable::{Durable, DurableError, watch};

/// What happens to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A refusal for a reason of the business: compensated at once.
    Reject,
    /// A failure: tried again first.
    Error,
    /// No answer: the deadline of the step is met.
    Hang,
}

/// A failure that is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The service that takes the step.
    pub service: String,
    /// The step, or the compensation.
    pub step: String,
    /// What happens.
    pub kind: FaultKind,
    /// How many times; without a number, every time.
    pub times: Option<u32>,
}

/// The text is no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no failure to provoke; write service.step=reject|error|hang, and :times after it to limit it"
)]
pub struct FaultError {
    text: String,
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let read = || {
            let (place, what) = text.split_once('=')?;
            let (service, step) = place.rsplit_once('.')?;
            let (kind, times) = match what.split_once(':') {
                Some((kind, times)) => (kind, Some(times.parse().ok()?)),
                None => (what, None),
            };
            let kind = match kind {
                "reject" => FaultKind::Reject,
                "error" => FaultKind::Error,
                "hang" => FaultKind::Hang,
                _ => return None,
            };
            let named = !service.is_empty() && !step.is_empty();
            named.then(|| Self {
                service: service.to_owned(),
                step: step.to_owned(),
                kind,
                times,
            })
        };
        read().ok_or_else(|| FaultError {
            text: text.to_owned(),
        })
    }
}

type Plan = BTreeMap<(String, String), (FaultKind, Option<u32>)>;

static PLAN: Mutex<Plan> = Mutex::new(BTreeMap::new());

/// Plans a failure; a later plan for the same step takes the place of the earlier one.
pub fn plan(fault: Fault) {
    let mut plan = PLAN.lock().unwrap_or_else(PoisonError::into_inner);
    plan.insert((fault.service, fault.step), (fault.kind, fault.times));
}

/// What is to happen to a step that is about to be taken. Each call uses up one of the planned times.
#[must_use]
pub fn strike(service: &str, step: &str) -> Option<FaultKind> {
    let mut plan = PLAN.lock().unwrap_or_else(PoisonError::into_inner);
    let (kind, times) = plan.get_mut(&(service.to_owned(), step.to_owned()))?;
    match times {
        None => Some(*kind),
        Some(0) => None,
        Some(left) => {
            *left -= 1;
            Some(*kind)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_as_often_as_planned() {
        plan("test-desk.pay=error:2".parse().unwrap());
        let strikes: Vec<_> = (0..3).map(|_| strike("test-desk", "pay")).collect();
        assert_eq!(
            strikes,
            [Some(FaultKind::Error), Some(FaultKind::Error), None]
        );
        assert_eq!(strike("test-desk", "ship"), None);
    }

    #[test]
    fn a_fault_without_a_number_strikes_every_time() {
        plan("test-store.pick=hang".parse().unwrap());
        assert!((0..10).all(|_| strike("test-store", "pick") == Some(FaultKind::Hang)));
    }

    #[test]
    fn what_is_no_fault_is_told() {
        for text in [
            "",
            "a=reject",
            "a.b",
            "a.b=explode",
            "a.b=reject:x",
            ".b=reject",
            "a.=hang",
        ] {
            assert!(
                text.parse::<Fault>()
                    .unwrap_err()
                    .to_string()
                    .contains("reject|error|hang"),
                "{text}"
            );
        }
    }
}
