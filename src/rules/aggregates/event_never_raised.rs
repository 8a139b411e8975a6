//! An event that an aggregate applies and never raises is a part of its life that never happens.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::model::event::{Aggregate, AggregateEvent};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("event-never-raised"),
    family: Family::Aggregates,
    severity: Severity::Warn,
    required: false,
    summary: "an aggregate applies an event that none of its commands raises",
    docs: include_str!("event_never_raised.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    graph
        .model
        .aggregates
        .iter()
        .flat_map(of_aggregate)
        .collect()
}

fn of_aggregate(aggregate: &Aggregate) -> Vec<Finding> {
    // What leads nowhere may have been meant for any of them.
    if aggregate.commands.iter().any(|command| command.lost_raise) {
        return Vec::new();
    }
    let raised: BTreeSet<usize> = aggregate
        .commands
        .iter()
        .flat_map(|command| &command.raises)
        .map(|raise| raise.event)
        .collect();
    let never = aggregate
        .events
        .iter()
        .enumerate()
        .filter(|(index, _)| !raised.contains(index));
    never.map(|(_, event)| finding(aggregate, event)).collect()
}

fn finding(aggregate: &Aggregate, event: &AggregateEvent) -> Finding {
    RULE.finding(
        event.name.span(),
        format!(
            "{} applies {}, but none of its commands raises it",
            aggregate.name, event.name
        ),
    )
    .here("never happens")
    .about(format!("{}.{}", aggregate.name, event.name))
    .about(aggregate.name.as_str())
    .help(format!(
        "name it under `raises` of a command, or drop {}",
        event.name
    ))
}
