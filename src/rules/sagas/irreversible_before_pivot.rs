//! What cannot be taken back is done when nothing can fail any more.

use crate::graph::Graph;
use crate::model::saga::{Saga, Step, StepKind};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("irreversible-before-pivot"),
    family: Family::Sagas,
    severity: Severity::Warn,
    required: false,
    summary: "a step that cannot be taken back is done while a later one can still fail",
    docs: include_str!("irreversible_before_pivot.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    graph.model.sagas.iter().flat_map(of_saga).collect()
}

fn of_saga(saga: &Saga) -> impl Iterator<Item = Finding> {
    let early = saga.steps[..saga.no_return().unwrap_or(saga.steps.len())]
        .iter()
        .enumerate()
        .filter(|(_, step)| step.irreversible);
    // Where it has no way back at all, that is told.
    let pretended =
        early.filter(|(_, step)| step.kind == StepKind::Read || step.compensation.is_some());
    pretended.filter_map(|(index, step)| Some(finding(saga, step, saga.can_fail_after(index)?)))
}

fn finding(saga: &Saga, step: &Step, later: &Step) -> Finding {
    let message = format!(
        "{} cannot be taken back, and {} can fail after it",
        step.action, later.action
    );
    let finding = RULE
        .finding(step.action.span(), message)
        .here("irreversible, and done too early")
        .label(later.action.span(), "can still be refused");
    let finding = match &step.compensation {
        Some(back) => finding.label(
            back.action.span(),
            "can make up for it, but not bring it back",
        ),
        None => finding,
    };
    finding
        .about(format!("{}.{}", saga.name, step.action))
        .about(saga.name.as_str())
        .help(format!(
            "move {} behind the last step that can fail, and say `kind: retriable`",
            step.action
        ))
}
