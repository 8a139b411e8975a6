//! An event that nobody receives is work for nothing, or the trace of a consumer that was forgotten.

use crate::graph::Graph;
use crate::model::arena::EventId;
use crate::model::event::Event;
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("produced-without-consumer"),
    family: Family::Events,
    severity: Severity::Warn,
    required: false,
    summary: "an event is produced, but nobody consumes it",
    docs: include_str!("produced_without_consumer.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let unheard = graph
        .model
        .events
        .entries()
        .filter(|(id, event)| !event.producers.is_empty() && !is_used(graph, *id, event));
    unheard.map(|(_, event)| finding(graph, event)).collect()
}

fn is_used(graph: &Graph<'_>, id: EventId, event: &Event) -> bool {
    event.names_consumer || event.public || graph.events.is_used_inside(id)
}

fn finding(graph: &Graph<'_>, event: &Event) -> Finding {
    let producers = event.producers.iter().map(|producer| match producer.value {
        Party::Service(service) => graph.model.services[service].name.as_str(),
        Party::External(external) => graph.model.externals[external].name.as_str(),
    });
    RULE.finding(
        event.name.span(),
        format!(
            "{} publishes {}, but nobody consumes it",
            words::list(producers),
            event.name
        ),
    )
    .here("no consumer is named")
    .about(event.name.as_str())
    .help("name its `consumers`, say `public: true` if it is meant for others outside, or drop it")
}
