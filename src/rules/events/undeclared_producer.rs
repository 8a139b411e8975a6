//! Who publishes an event says so, or nobody who reads the file finds out.

use crate::graph::Graph;
use crate::model::arena::{EventId, ServiceId};
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("undeclared-producer"),
    family: Family::Events,
    severity: Severity::Error,
    required: false,
    summary: "a service publishes an event and is not among its producers",
    docs: include_str!("undeclared_producer.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    graph
        .model
        .events
        .ids()
        .filter_map(|event| finding(graph, event))
        .collect()
}

fn finding(graph: &Graph<'_>, id: EventId) -> Option<Finding> {
    let event = &graph.model.events[id];
    // A name that leads nowhere may have been meant for whoever publishes it.
    if event.lost_producer {
        return None;
    }
    let declared = |service: &ServiceId| {
        event
            .producers
            .iter()
            .any(|producer| producer.value == Party::Service(*service))
    };
    let undeclared: Vec<_> = graph
        .events
        .emitters(id)
        .iter()
        .filter(|(service, _)| !declared(service))
        .collect();
    let (_, place) = undeclared.first()?;
    let names: Vec<_> = undeclared
        .iter()
        .map(|(service, _)| &graph.model.services[*service].name)
        .collect();
    let (publish, are) = if names.len() == 1 {
        ("publishes", "is")
    } else {
        ("publish", "are")
    };
    let message = format!(
        "{} {publish} {}, but {are} not among its producers",
        words::some(&names, 6),
        event.name
    );
    let mut finding = RULE
        .finding(*place, message)
        .here("published here")
        .label(event.name.span(), format!("{} is missing", names[0]));
    finding = finding.about(event.name.as_str());
    for name in names {
        finding = finding.about(name.as_str());
    }
    Some(finding.help("add it to `producers`, or let it publish an event of its own"))
}
