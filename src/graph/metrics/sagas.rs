//! Figures of each saga.

use std::collections::BTreeSet;

use super::share;
use crate::graph::undoing;
use crate::model::arena::SagaId;
use crate::model::saga::{Saga, StepKind};

/// Figures of a saga.
#[derive(Debug, Clone, Copy)]
pub struct SagaFigures {
    /// How many services take its steps, as the file names them.
    pub services: usize,
    /// How many steps it has.
    pub steps: usize,
    /// How many change something before its point of no return: all that do where it has none.
    pub exposed: usize,
    /// Their share, 0 to 1; none without steps.
    pub exposure: Option<f64>,
    /// How many compensations it has.
    pub compensations: usize,
    /// Steps that nothing undoes, although a later one can fail.
    pub stuck: usize,
    /// Inputs of compensations that nothing gives.
    pub unbound: usize,
}

pub(super) fn of((_, saga): (SagaId, &Saga)) -> SagaFigures {
    let steps = saga.steps.len();
    let exposed = undoing::before_no_return(saga)
        .iter()
        .filter(|step| step.kind != StepKind::Read)
        .count();
    let services = saga.steps.iter().map(|step| step.service_name.as_str());
    let back = saga.steps.iter();
    let back = back.filter_map(|step| Some((step, step.compensation.as_ref()?)));
    let back: Vec<_> = back
        .filter(|(step, _)| step.kind == StepKind::Compensatable)
        .collect();
    let unbound = back.iter().map(|(step, compensation)| {
        let inputs = undoing::unbound_on_the_way_back(step, compensation);
        inputs.count()
    });
    SagaFigures {
        services: services.collect::<BTreeSet<_>>().len(),
        steps,
        exposed,
        exposure: share(exposed, steps),
        compensations: back.len(),
        stuck: undoing::stuck(saga).count(),
        unbound: unbound.sum(),
    }
}
