//! A command that is allowed only in states that nothing leads to is always refused.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::model::event::{Aggregate, AggregateCommand};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("unreachable-command"),
    family: Family::Aggregates,
    severity: Severity::Error,
    required: false,
    summary: "a command is allowed only in states that no event leads to",
    docs: include_str!("unreachable_command.md"),
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
    let reached: BTreeSet<&str> = aggregate
        .events
        .iter()
        .filter_map(|event| event.status.as_ref())
        .map(|status| status.value.as_str())
        .collect();
    let stuck = aggregate.commands.iter().filter(|command| {
        !command.from.is_empty()
            && command
                .from
                .iter()
                .all(|from| !reached.contains(from.value.as_str()))
    });
    stuck
        .map(|command| finding(aggregate, command, &reached))
        .collect()
}

fn finding(aggregate: &Aggregate, command: &AggregateCommand, reached: &BTreeSet<&str>) -> Finding {
    let from = words::list(command.from.iter().map(|from| &from.value));
    let states = if reached.is_empty() {
        "none".to_owned()
    } else {
        words::list(reached)
    };
    RULE.finding(command.from[0].span, format!("{} of {} is allowed only in {from}, which no event leads to", command.name, aggregate.name))
        .here("never reached")
        .about(format!("{}.{}", aggregate.name, command.name))
        .about(aggregate.name.as_str())
        .help(format!("name a state that is reached ({states}), or give the event that leads there a `status: {}`", command.from[0]))
}
