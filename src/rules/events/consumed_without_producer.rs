//! Who waits for an event that nobody publishes waits for ever.

use crate::graph::Graph;
use crate::model::arena::EventId;
use crate::model::event::Event;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("consumed-without-producer"),
    family: Family::Events,
    severity: Severity::Error,
    required: true,
    summary: "an event is consumed, but nothing produces it",
    docs: include_str!("consumed_without_producer.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let orphans = graph
        .model
        .events
        .entries()
        .filter(|(id, event)| is_used(graph, *id) && !is_produced(graph, *id, event));
    orphans
        .map(|(id, event)| finding(graph, id, event))
        .collect()
}

fn is_used(graph: &Graph<'_>, id: EventId) -> bool {
    graph.model.events[id].names_consumer || graph.events.is_used_inside(id)
}

fn is_produced(graph: &Graph<'_>, id: EventId, event: &Event) -> bool {
    event.external || event.names_producer || !graph.events.emitters(id).is_empty()
}

fn finding(graph: &Graph<'_>, id: EventId, event: &Event) -> Finding {
    let consumers = event
        .consumers
        .iter()
        .map(|consumer| &graph.model.services[graph.model.consumers[*consumer].service].name);
    let consumers: Vec<_> = consumers.collect();
    let users = match consumers.len() {
        0 if graph.events.is_used_inside(id) => {
            format!("{} starts a saga or empties a cache", event.name)
        }
        0 => format!("{} is consumed", event.name),
        1 => format!("{} consumes {}", consumers[0], event.name),
        _ => format!("{} consume {}", words::some(&consumers, 4), event.name),
    };
    let mut finding = RULE
        .finding(
            event.name.span(),
            format!("{users}, but nothing produces it"),
        )
        .here("no producer is named")
        .about(event.name.as_str());
    for consumer in &event.consumers {
        let consumer = &graph.model.consumers[*consumer];
        finding = finding.label(
            consumer.span,
            format!(
                "{} waits for it",
                graph.model.services[consumer.service].name
            ),
        );
    }
    finding.help("name its `producers`, or say `external: true` if it comes from outside")
}
