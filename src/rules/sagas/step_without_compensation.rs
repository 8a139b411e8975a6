//! A saga that can stop halfway must be able to walk back.

use crate::graph::{Graph, undoing};
use crate::model::saga::{Saga, Step};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("step-without-compensation"),
    family: Family::Sagas,
    severity: Severity::Error,
    required: false,
    summary: "a step of a saga cannot be undone, and a later one can fail",
    docs: include_str!("step_without_compensation.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let sagas = graph.model.sagas.iter();
    sagas
        .flat_map(|saga| {
            // Behind the point of no return it is out of order, which is told.
            undoing::stuck(saga).map(|(step, later)| finding(graph, saga, step, later))
        })
        .collect()
}

fn finding(graph: &Graph<'_>, saga: &Saga, step: &Step, later: &Step) -> Finding {
    let place = step.service.map_or_else(String::new, |service| {
        format!(" of {}", graph.model.services[service].name)
    });
    RULE.finding(step.action.span(), format!("step {}{place} cannot be undone when a later step fails", step.action))
        .here("no compensation is named")
        .label(later.action.span(), format!("{} can fail after it", later.action))
        .about(format!("{}.{}", saga.name, step.action))
        .about(saga.name.as_str())
        .help("name its `compensation`; or say `kind: read` if it changes nothing, `pivot` if it is the point of no return, `retriable` if it cannot fail for good")
}
