//! Two writes, one to the database and one to the broker: a crash between them leaves one of them.

use crate::graph::Graph;
use crate::model::arena::{EventId, ServiceId};
use crate::model::name::Name;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("publisher-without-outbox"),
    family: Family::Data,
    severity: Severity::Warn,
    required: false,
    summary: "a service saves and publishes without an outbox",
    docs: include_str!("publisher_without_outbox.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let services = graph.model.services.ids();
    services
        .filter_map(|service| finding(graph, service))
        .collect()
}

fn finding(graph: &Graph<'_>, id: ServiceId) -> Option<Finding> {
    let model = graph.model;
    let service = &model.services[id];
    let without = service.without_outbox?;
    if service.entities.is_empty() && service.stores.is_empty() {
        return None;
    }
    let events: Vec<EventId> = published(graph, id);
    let first = &model.events[*events.first()?];
    let (name, names) = (
        &service.name,
        words::some(events.iter().map(|event| &model.events[*event].name), 4),
    );
    let lossy = events
        .iter()
        .all(|event| model.events[*event].at_most_once.is_some());
    let message = format!(
        "{name} saves its data and publishes {names} without an outbox: a crash between the two loses the event"
    );
    let finding = if lossy {
        RULE.advice(without, message)
    } else {
        RULE.finding(without, message)
    };
    Some(
        finding
            .here("events leave beside the transaction")
            .label(first.name.span(), format!("published by {name}"))
            .about(name.as_str())
            .help("leave `outbox` out, or write `outbox: true`"),
    )
}

/// The events that do not come from an aggregate's own stream, which is written in one go with them.
fn published(graph: &Graph<'_>, id: ServiceId) -> Vec<EventId> {
    let model = graph.model;
    let aggregates = model.services[id].aggregates.iter();
    let streamed: Vec<&Name> = aggregates
        .flat_map(|aggregate| &model.aggregates[*aggregate].events)
        .map(|event| &event.name)
        .collect();
    let published = graph.activity.published(id).iter().copied();
    published
        .filter(|event| {
            let name = &model.events[*event].name;
            streamed.iter().all(|own| own.snake() != name.snake())
        })
        .collect()
}
