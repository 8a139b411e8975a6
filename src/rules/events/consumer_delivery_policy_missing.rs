//! A message may come twice; something has to tell the second from a new one.

use crate::graph::Graph;
use crate::model::event::{Consumer, EVENT_ID, Event};
use crate::model::name::Name;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Spanned;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("consumer-delivery-policy-missing"),
    family: Family::Events,
    severity: Severity::Warn,
    required: false,
    summary: "nothing tells a consumer that a message has come before",
    docs: include_str!("consumer_delivery_policy_missing.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let consumers = graph.model.consumers.iter();
    consumers
        .filter_map(|consumer| of_consumer(graph, consumer))
        .collect()
}

fn of_consumer(graph: &Graph<'_>, consumer: &Consumer) -> Option<Finding> {
    let event = &graph.model.events[consumer.event];
    if event.at_most_once.is_some() {
        return None;
    }
    let service = &graph.model.services[consumer.service].name;
    let finding = match &consumer.idempotency_key {
        Some(key) => of_key(consumer, event, service, key)?,
        None => of_outside(consumer, event, service)?,
    };
    Some(finding.about(service.as_str()).about(event.name.as_str()))
}

/// A key that some messages do not have. The id that every event carries is no field of its schema.
fn of_key(
    consumer: &Consumer,
    event: &Event,
    service: &Name,
    key: &Spanned<String>,
) -> Option<Finding> {
    if Name::snake_of(key) == EVENT_ID {
        return None;
    }
    let taken = consumer.versions.iter().map(|at| &event.versions[*at]);
    let mut known = taken.filter(|version| !version.schema.fields.is_empty());
    let (version, how) = known.find_map(|version| match version.schema.find(key) {
        None => Some((version, "has no such field")),
        Some(field) if !field.required => Some((version, "may come without it")),
        Some(_) => None,
    })?;
    let message = format!(
        "{service} knows {} by its {key} again, but {} {how}",
        event.name, version.label
    );
    let finding = RULE
        .finding(key.span, message)
        .here("tells a redelivery from a new message")
        .label(version.label.span, format!("{} {how}", version.label));
    Some(finding.help("name a field that is always there, or `event_id`, which every event has"))
}

/// Ids of messages from outside are the sender's affair: nobody here promises that a redelivery keeps its id.
fn of_outside(consumer: &Consumer, event: &Event, service: &Name) -> Option<Finding> {
    if !event.external {
        return None;
    }
    let message = format!(
        "{service} takes {} from outside, and nothing says how it knows one that has come before",
        event.name
    );
    let finding = RULE
        .finding(consumer.span, message)
        .here("no idempotency key")
        .label(
            event.name.span(),
            "produced outside, delivered at least once",
        );
    Some(finding.help("name under `idempotency_key` the field that the sender keeps when it sends again; `event_id` if it keeps its id"))
}
