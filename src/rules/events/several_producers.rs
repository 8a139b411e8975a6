//! What happened is told by whom it happened to.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::event::Event;
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("several-producers"),
    family: Family::Events,
    severity: Severity::Warn,
    required: false,
    summary: "several services publish one event",
    docs: include_str!("several_producers.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let events = graph.model.events.iter();
    events.filter_map(|event| finding(graph, event)).collect()
}

fn finding(graph: &Graph<'_>, event: &Event) -> Option<Finding> {
    // The versions of an event may name one producer each time.
    let mut first: BTreeMap<Party, Span> = BTreeMap::new();
    let mut distinct = Vec::new();
    for producer in &event.producers {
        if first.insert(producer.value, producer.span).is_none() {
            distinct.push(producer);
        }
    }
    let [one, other, more @ ..] = distinct.as_slice() else {
        return None;
    };
    let names: Vec<_> = distinct
        .iter()
        .map(|producer| graph.model.name_of(producer.value))
        .collect();
    let message = format!(
        "{} is published by {}: {} sources of one truth",
        event.name,
        words::some(&names, 6),
        names.len()
    );
    let mut finding = RULE
        .finding(other.span, message)
        .here("a further source")
        .label(one.span, "the first");
    for producer in more.iter().take(4) {
        finding = finding.label(producer.span, "and another");
    }
    finding = finding.about(event.name.as_str());
    for name in names {
        finding = finding.about(name.as_str());
    }
    Some(finding.help("let the service in which it happens publish it, and give each other one an event of its own"))
}
