//! What a consumer reads is in what its producer promises.

use crate::graph::Graph;
use crate::model::event::{Consumer, Event, EventVersion};
use crate::rules::references::nearest::nearest;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Spanned;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("consumer-field-not-in-schema"),
    family: Family::Events,
    severity: Severity::Error,
    required: false,
    summary: "a consumer reads a field that the event does not have",
    docs: include_str!("consumer_field_not_in_schema.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let consumers = graph.model.consumers.iter();
    consumers
        .flat_map(|consumer| of_consumer(graph, consumer))
        .collect()
}

fn of_consumer(graph: &Graph<'_>, consumer: &Consumer) -> Vec<Finding> {
    let event = &graph.model.events[consumer.event];
    let versions = consumer.versions.iter().map(|at| &event.versions[*at]);
    // A missing schema is told, and of a raw one without properties nothing is known.
    let known: Vec<&EventVersion> = versions
        .filter(|version| version.has_schema && !version.schema.fields.is_empty())
        .collect();
    let fields = consumer.fields.iter().flatten();
    fields
        .filter_map(|field| {
            let outer = field.value.split('.').next().unwrap_or_default();
            let lacking = known
                .iter()
                .find(|version| version.schema.find(outer).is_none())?;
            Some(finding(graph, consumer, event, lacking, field))
        })
        .collect()
}

fn finding(
    graph: &Graph<'_>,
    consumer: &Consumer,
    event: &Event,
    version: &EventVersion,
    field: &Spanned<String>,
) -> Finding {
    let service = &graph.model.services[consumer.service].name;
    let known: Vec<&str> = version
        .schema
        .fields
        .iter()
        .map(|known| known.name.as_str())
        .collect();
    let help = match nearest(field, known.iter().copied()) {
        Some(near) => format!("write {near}, or agree with the producer on a further field"),
        None => format!(
            "read one of {}, or agree with the producer on a further field",
            words::some(&known, 12)
        ),
    };
    RULE.finding(
        field.span,
        format!(
            "{service} reads {field} of {}, but {} has no such field",
            event.name, version.label
        ),
    )
    .here("never arrives")
    .label(
        version.label.span,
        format!("{} is declared here", version.label),
    )
    .about(format!("{}.{field}", event.name))
    .about(event.name.as_str())
    .about(service.as_str())
    .help(help)
}
