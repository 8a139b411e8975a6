//! Success and failure are two facts, and who waits for the one is not helped by the other.

use crate::graph::Graph;
use crate::model::Model;
use crate::model::effect::Path;
use crate::model::event::{Consumer, Event};
use crate::model::types::{Field, Type};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("outcome-flag-event"),
    family: Family::Events,
    severity: Severity::Info,
    required: false,
    summary: "one event says success or failure, and a consumer does not look which",
    docs: include_str!("outcome_flag_event.md"),
    check: Check::Graph(check),
};

const GOOD: &[&str] = &[
    "accepted",
    "approved",
    "authorized",
    "completed",
    "confirmed",
    "ok",
    "paid",
    "passed",
    "succeeded",
    "success",
    "successful",
];

const BAD: &[&str] = &[
    "aborted",
    "cancelled",
    "canceled",
    "declined",
    "denied",
    "error",
    "failed",
    "failure",
    "refused",
    "rejected",
    "unsuccessful",
];

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let events = graph.model.events.iter();
    events
        .filter_map(|event| finding(graph.model, event))
        .collect()
}

fn finding(model: &Model, event: &Event) -> Option<Finding> {
    let schema = &event.versions.last()?.schema;
    let flag = schema.fields.iter().find(|field| splits(model, field))?;
    let consumers = event.consumers.iter().map(|id| &model.consumers[*id]);
    let blind: Vec<&Consumer> = consumers
        .filter(|consumer| !looks(consumer, flag))
        .collect();
    let first = blind.first()?;
    let name = |consumer: &Consumer| &model.services[consumer.service].name;
    let message = format!(
        "{} mixes success and failure, and {} does not say which it means",
        event.name,
        words::some(blind.iter().map(|consumer| name(consumer)), 4)
    );
    let mut finding = RULE
        .finding(flag.name.span(), message)
        .here("success or failure");
    for consumer in blind.iter().take(4) {
        finding = finding.label(consumer.span, format!("{} gets both", name(consumer)));
    }
    Some(
        finding
            .about(event.name.as_str())
            .about(name(first).as_str())
            .help(format!(
                "publish an event for each outcome, or say `when: {{{}: ...}}` at the consumer",
                flag.name
            )),
    )
}

/// Whether a field says how it went.
fn splits(model: &Model, field: &Field) -> bool {
    let is = |list: &[&str], word: &str| list.contains(&word.to_ascii_lowercase().as_str());
    match &field.ty {
        Type::Boolean => {
            let name = field.name.snake();
            let name = name.strip_prefix("is_").unwrap_or(name);
            is(GOOD, name) || is(BAD, name)
        }
        ty => model.words(ty).is_some_and(|words| {
            words.iter().any(|word| is(GOOD, word)) && words.iter().any(|word| is(BAD, word))
        }),
    }
}

/// Whether a consumer takes the flag into account: by a condition, or by keeping it.
fn looks(consumer: &Consumer, flag: &Field) -> bool {
    let reads = |path: &Path| {
        path.steps
            .first()
            .is_some_and(|step| step.field == flag.name)
    };
    consumer.reaction().paths().any(reads)
}
