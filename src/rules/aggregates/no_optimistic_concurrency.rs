//! An event is appended where the stream still is as it was read, or two writers both believe to be the first.

use crate::graph::Graph;
use crate::model::event::Aggregate;
use crate::model::service::StoreRole;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Spanned;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("no-optimistic-concurrency"),
    family: Family::Aggregates,
    severity: Severity::Error,
    required: false,
    summary: "aggregates keep their events where nothing refuses a second writer",
    docs: include_str!("no_optimistic_concurrency.md"),
    check: Check::Graph(check),
};

/// Logs and queues that append whatever comes: they know no expected version of one stream.
const BLIND: &[&str] = &[
    "activemq",
    "azureservicebus",
    "eventhubs",
    "googlepubsub",
    "kafka",
    "kinesis",
    "pubsub",
    "pulsar",
    "rabbitmq",
    "redpanda",
    "sqs",
];

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let model = graph.model;
    if model.aggregates.is_empty() {
        return Vec::new();
    }
    let whole = model.event_store.iter().filter(|engine| is_blind(engine));
    let whole = whole.map(|engine| finding(engine, model.aggregates.iter().collect()));
    let own = model
        .stores
        .iter()
        .filter(|store| store.role == StoreRole::EventStore && is_blind(&store.engine));
    let own = own
        .filter(|store| !model.services[store.service].aggregates.is_empty())
        .map(|store| {
            let kept = model.services[store.service].aggregates.iter();
            finding(
                &store.engine,
                kept.map(|id| &model.aggregates[*id]).collect(),
            )
        });
    whole.chain(own).collect()
}

fn is_blind(engine: &str) -> bool {
    let plain: String = engine
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|char| char.to_ascii_lowercase())
        .collect();
    let plain = plain
        .strip_prefix("apache")
        .or_else(|| plain.strip_prefix("amazon"))
        .or_else(|| plain.strip_prefix("aws"))
        .unwrap_or(&plain);
    BLIND.contains(&plain)
}

fn finding(engine: &Spanned<String>, kept: Vec<&Aggregate>) -> Finding {
    let names = words::some(kept.iter().map(|aggregate| &aggregate.name), 4);
    let message =
        format!("{engine} appends whatever comes: two writers of one {names} both succeed");
    let mut finding = RULE
        .finding(engine.span, message)
        .here("knows no expected version of a stream");
    for aggregate in kept.iter().take(3) {
        finding = finding.label(
            aggregate.name.span(),
            "decides by the version that it has read",
        );
    }
    for aggregate in &kept {
        finding = finding.about(aggregate.name.as_str());
    }
    finding.help(format!(
        "keep events where an append can expect a version (PostgreSQL, SQLite, EventStoreDB), and publish them to {engine} through the outbox"
    ))
}
