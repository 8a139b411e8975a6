//! What an aggregate notes of an event has to hold what it promises to others.

use crate::graph::Graph;
use crate::model::Model;
use crate::model::event::{Aggregate, AggregateEvent};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("domain-event-differs-from-integration-event"),
    family: Family::Aggregates,
    severity: Severity::Warn,
    required: false,
    summary: "an aggregate's event lacks fields that the published event of its name needs",
    docs: include_str!("domain_event_differs_from_integration_event.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let model = graph.model;
    let events = model
        .aggregates
        .iter()
        .flat_map(|aggregate| aggregate.events.iter().map(move |event| (aggregate, event)));
    events
        .filter_map(|(aggregate, event)| finding(model, aggregate, event))
        .collect()
}

fn finding(model: &Model, aggregate: &Aggregate, event: &AggregateEvent) -> Option<Finding> {
    let (id, version) = event.published?;
    let published = &model.events[id];
    let version = &published.versions[version];
    let missing: Vec<&str> = version
        .schema
        .fields
        .iter()
        .filter(|field| field.required && field.default.is_none())
        .filter(|field| event.schema.find(field.name.as_str()).is_none())
        .map(|field| field.name.as_str())
        .collect();
    if missing.is_empty() {
        return None;
    }
    let message = format!(
        "{} of {} lacks {}, which the published {} needs",
        event.name,
        aggregate.name,
        words::some(&missing, 6),
        event.name
    );
    let finding = RULE
        .finding(event.name.span(), message)
        .here("has a schema of its own")
        .label(
            published.name.span(),
            format!("{} would be published with empty values", version.label),
        )
        .about(format!("{}.{}", aggregate.name, event.name))
        .about(aggregate.name.as_str());
    Some(finding.help("drop the schema here, so that the published one holds; or add the fields; or give one of the two another name, and say `publish: false`"))
}
