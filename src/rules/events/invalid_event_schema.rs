//! An event without a sound schema is a promise that nobody can keep or check.

use crate::graph::Graph;
use crate::model::event::{Event, EventVersion};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("invalid-event-schema"),
    family: Family::Events,
    severity: Severity::Error,
    required: true,
    summary: "an event's schema is missing or is not valid JSON Schema",
    docs: include_str!("invalid_event_schema.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let versions = graph
        .model
        .events
        .iter()
        .flat_map(|event| event.versions.iter().map(move |version| (event, version)));
    versions
        .filter_map(|(event, version)| of_version(event, version))
        .collect()
}

fn of_version(event: &Event, version: &EventVersion) -> Option<Finding> {
    if !version.has_schema {
        let finding = RULE
            .finding(
                event.name.span(),
                format!("{} {} has no schema", event.name, version.label),
            )
            .here("nobody knows what it holds")
            .about(event.name.as_str());
        return Some(finding.help("list its fields under `schema`"));
    }
    let raw = version.schema.raw.as_ref()?;
    let (message, help) = wrong_with(raw)?;
    let finding = RULE
        .finding(
            version.schema.span,
            format!("the schema of {} {} {message}", event.name, version.label),
        )
        .here("this schema")
        .about(event.name.as_str());
    Some(finding.help(help))
}

/// What is wrong with a schema, and what to do.
fn wrong_with(raw: &serde_json::Value) -> Option<(String, &'static str)> {
    const MEND: &str =
        "mend the JSON Schema (draft 2020-12), or list the fields in the short notation";
    const LIST: &str =
        "list what is always there under `required`; `required: []` says that nothing is";
    if let Err(error) = jsonschema::draft202012::meta::validate(raw) {
        let message = format!(
            "is not valid JSON Schema at {}: {error}",
            pointer(&error.instance_path().to_string())
        );
        return Some((message, MEND));
    }
    if let Err(error) = jsonschema::draft202012::new(raw) {
        return Some((format!("cannot be resolved: {error}"), MEND));
    }
    if raw["type"] != "object" || !raw["properties"].is_object() {
        return Some((
            "does not describe an object with properties".to_owned(),
            MEND,
        ));
    }
    if !raw["required"].is_array() {
        let message = "has no `required` list: nobody knows what is always there";
        return Some((message.to_owned(), LIST));
    }
    None
}

fn pointer(path: &str) -> &str {
    if path.is_empty() { "its root" } else { path }
}
