//! Somebody has to drive a saga, and to remember how far it came.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::model::saga::Saga;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("saga-without-coordinator"),
    family: Family::Sagas,
    severity: Severity::Error,
    required: true,
    summary: "no service drives a saga, or it has no steps",
    docs: include_str!("saga_without_coordinator.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let roles: BTreeSet<&str> = graph
        .model
        .unresolved
        .iter()
        .map(|name| name.role.as_str())
        .collect();
    let alone = graph
        .model
        .sagas
        .iter()
        .filter(|saga| saga.coordinator.is_none() && !is_told(graph, &roles, saga))
        .map(without_coordinator);
    let empty = graph
        .model
        .sagas
        .iter()
        .filter(|saga| saga.steps.is_empty())
        .map(without_steps);
    alone.chain(empty).collect()
}

/// Whether the coordinator is missing because a name leads nowhere, which is told where the name stands.
fn is_told(graph: &Graph<'_>, roles: &BTreeSet<&str>, saga: &Saga) -> bool {
    let named = ["coordinator", "trigger"]
        .iter()
        .any(|role| roles.contains(format!("{role} of saga {}", saga.name).as_str()));
    let event = saga.trigger.map(|(event, _)| &graph.model.events[event]);
    named || event.is_some_and(|event| event.producers.is_empty() && event.names_producer)
}

fn without_coordinator(saga: &Saga) -> Finding {
    RULE.finding(saga.name.span(), format!("no service drives {}", saga.name))
        .here("neither a coordinator nor a trigger with one producer")
        .about(saga.name.as_str())
        .help("name its `coordinator`, or the `trigger` event that the coordinator publishes")
}

fn without_steps(saga: &Saga) -> Finding {
    RULE.finding(saga.name.span(), format!("{} has no steps", saga.name))
        .here("does nothing")
        .about(saga.name.as_str())
        .help("list its `steps`, or remove it")
}
