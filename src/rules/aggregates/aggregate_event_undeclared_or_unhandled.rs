//! An event that others should learn of is declared where others look.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::event::{Aggregate, AggregateEvent};
use crate::rules::references::nearest::nearest;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("aggregate-event-undeclared-or-unhandled"),
    family: Family::Aggregates,
    severity: Severity::Warn,
    required: false,
    summary: "an aggregate's event is to be published, but is not declared for others",
    docs: include_str!("aggregate_event_undeclared_or_unhandled.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let declared: BTreeMap<&str, &str> = graph
        .model
        .events
        .iter()
        .map(|event| (event.name.snake(), event.name.as_str()))
        .collect();
    let aggregates = graph.model.aggregates.iter();
    aggregates
        .flat_map(|aggregate| {
            let events = aggregate.events.iter().filter(|event| event.undeclared);
            events.map(move |event| (aggregate, event))
        })
        .map(|(aggregate, event)| finding(aggregate, event, &declared))
        .collect()
}

fn finding(
    aggregate: &Aggregate,
    event: &AggregateEvent,
    declared: &BTreeMap<&str, &str>,
) -> Finding {
    let known = declared.values().copied();
    let help = match nearest(event.name.as_str(), known) {
        Some(near) => format!("write {near}, if that is meant"),
        None => format!(
            "declare {} under `events` with its schema, producer and consumers, or drop `publish: true`",
            event.name
        ),
    };
    RULE.finding(
        event.name.span(),
        format!(
            "{} of {} is to be published, but no event of that name is declared",
            event.name, aggregate.name
        ),
    )
    .here("nobody can subscribe to it")
    .about(format!("{}.{}", aggregate.name, event.name))
    .about(aggregate.name.as_str())
    .help(help)
}
