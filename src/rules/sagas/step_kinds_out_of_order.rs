//! Behind its point of no return a saga only goes forward: what may still have to be taken back stands before it.

use crate::graph::Graph;
use crate::model::saga::{Saga, Step, StepKind};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("step-kinds-out-of-order"),
    family: Family::Sagas,
    severity: Severity::Error,
    required: false,
    summary: "a step that can fail for good stands behind a saga's point of no return",
    docs: include_str!("step_kinds_out_of_order.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    graph.model.sagas.iter().filter_map(of_saga).collect()
}

fn of_saga(saga: &Saga) -> Option<Finding> {
    let no_return = saga.no_return()?;
    let last = &saga.steps[no_return];
    let mut misplaced = saga.steps[no_return + 1..]
        .iter()
        .filter(|step| matches!(step.kind, StepKind::Compensatable | StepKind::Pivot));
    let first = misplaced.next()?;
    let mut finding = RULE
        .finding(first.action.span(), message(first, last))
        .here(format!(
            "{}: it can fail, and nothing before it can be taken back any more",
            first.kind.as_str()
        ))
        .label(
            last.action.span(),
            format!(
                "{}: behind it {} only goes forward",
                last.kind.as_str(),
                saga.name
            ),
        )
        .about(format!("{}.{}", saga.name, first.action))
        .about(saga.name.as_str());
    for step in misplaced.take(3) {
        finding = finding.label(step.action.span(), format!("{} too", step.kind.as_str()));
    }
    Some(finding.help(help(first, last)))
}

fn message(step: &Step, last: &Step) -> String {
    let kind = step.kind.as_str();
    let what = match last.kind {
        StepKind::Pivot => format!("the pivot {}", last.action),
        _ => format!("{}, which is retriable", last.action),
    };
    format!("{} ({kind}) comes after {what}", step.action)
}

fn help(step: &Step, last: &Step) -> String {
    match (step.kind, last.kind) {
        (StepKind::Pivot, StepKind::Pivot) => format!(
            "keep one point of no return: what comes before it can be undone, what comes after it is `kind: retriable`; {} or {}?",
            last.action, step.action
        ),
        _ => format!(
            "move {} before {}, or say `kind: retriable` if it is tried until it succeeds",
            step.action, last.action
        ),
    }
}
