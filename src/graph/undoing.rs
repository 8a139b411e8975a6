//! How a saga walks back, and what keeps it from doing so.

use crate::model::saga::{Compensation, Input, Saga, Step, StepKind};

/// The steps of a saga that can be undone while nothing is final: those before its point of no return, all of them where it has none.
#[must_use]
pub fn before_no_return(saga: &Saga) -> &[Step] {
    &saga.steps[..saga.no_return().unwrap_or(saga.steps.len())]
}

/// Steps that nothing undoes, although a later one can fail: each with that later one.
pub fn stuck(saga: &Saga) -> impl Iterator<Item = (&Step, &Step)> {
    let steps = before_no_return(saga).iter().enumerate();
    steps.filter_map(move |(index, step)| {
        let later = saga.can_fail_after(index)?;
        let stuck = step.kind == StepKind::Compensatable && step.compensation.is_none();
        stuck.then_some((step, later))
    })
}

/// Inputs that nothing gives.
pub fn unbound(inputs: &[Input]) -> impl Iterator<Item = &Input> {
    inputs.iter().filter(|input| input.source.is_none())
}

/// Inputs of a compensation that nothing gives, those left out that its step lacks already.
pub fn unbound_on_the_way_back<'s>(
    step: &'s Step,
    compensation: &'s Compensation,
) -> impl Iterator<Item = &'s Input> {
    unbound(&compensation.inputs).filter(|input| {
        let place = input.name.span();
        !step.inputs.iter().any(|own| own.name.span() == place)
    })
}
