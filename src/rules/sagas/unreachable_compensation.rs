//! A way back that nobody ever takes hides that something is missing, or that a step is of another kind.

use crate::graph::Graph;
use crate::model::saga::{Compensation, Saga, Step, StepKind};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("unreachable-compensation"),
    family: Family::Sagas,
    severity: Severity::Info,
    required: false,
    summary: "a compensation undoes a step after which nothing can fail",
    docs: include_str!("unreachable_compensation.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    graph.model.sagas.iter().flat_map(of_saga).collect()
}

fn of_saga(saga: &Saga) -> impl Iterator<Item = Finding> {
    let no_return = saga.no_return().unwrap_or(saga.steps.len());
    let steps = saga.steps.iter().enumerate();
    steps.filter_map(move |(index, step)| {
        let back = step.compensation.as_ref()?;
        match step.kind {
            StepKind::Compensatable if index < no_return => saga
                .can_fail_after(index)
                .is_none()
                .then(|| of_last(saga, step, back)),
            // Behind the point of no return it is out of order, which is told.
            StepKind::Compensatable => None,
            kind => Some(of_kind(saga, step, back, kind)),
        }
    })
}

fn of_last(saga: &Saga, step: &Step, back: &Compensation) -> Finding {
    let message = format!(
        "{} undoes {}, after which nothing can fail",
        back.action, step.action
    );
    let finding = RULE
        .finding(back.action.span(), message)
        .here(format!(
            "runs only when {} itself does not answer in time",
            step.action
        ))
        .label(
            step.action.span(),
            format!("the last step of {} that can fail", saga.name),
        );
    about(finding, saga, step).help(format!(
        "say `kind: pivot` of {} and drop {}, or add the step that is missing behind it",
        step.action, back.action
    ))
}

fn of_kind(saga: &Saga, step: &Step, back: &Compensation, kind: StepKind) -> Finding {
    let why = match kind {
        StepKind::Pivot => "a pivot is the point of no return",
        StepKind::Retriable => "a retriable step is tried until it succeeds",
        _ => "a step that only reads leaves nothing to undo",
    };
    let finding = RULE
        .finding(
            back.action.span(),
            format!("{} can never run: {why}", back.action),
        )
        .here("never runs")
        .label(step.action.span(), format!("kind {}", kind.as_str()));
    about(finding, saga, step).help(format!(
        "drop {}, or say `kind: compensatable` of {}",
        back.action, step.action
    ))
}

fn about(finding: Finding, saga: &Saga, step: &Step) -> Finding {
    finding
        .about(format!("{}.{}", saga.name, step.action))
        .about(saga.name.as_str())
}
