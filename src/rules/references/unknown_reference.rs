//! A name that leads nowhere hides whatever was meant by it.

use super::nearest::{is_only, nearest};
use crate::graph::Graph;
use crate::model::Unresolved;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::suggestion::Suggestion;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("unknown-reference"),
    family: Family::References,
    severity: Severity::Error,
    required: true,
    summary: "a name is used that nothing declares",
    docs: include_str!("unknown_reference.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    graph.model.unresolved.iter().map(finding).collect()
}

fn finding(unresolved: &Unresolved) -> Finding {
    let Unresolved {
        name,
        expected,
        role,
        candidates,
    } = unresolved;
    let known = || candidates.iter().map(String::as_str);
    let near = nearest(name, known());
    let meant = near.filter(|near| is_only(name, near, known()));
    RULE.finding(
        name.span,
        format!("{role} names {expected} \"{name}\", which is not declared"),
    )
    .here(format!("no {expected} of this name"))
    .about(name.value.as_str())
    .suggest(meant.map(|meant| Suggestion::word(name, meant)))
    .help(advice(unresolved, near))
}

fn advice(unresolved: &Unresolved, near: Option<&str>) -> String {
    if let Some(near) = near {
        return format!("write {near}");
    }
    let cure = match unresolved.expected {
        "service" => {
            "declare the service, list it under `externals` if it is not yours, or remove the name"
                .to_owned()
        }
        "type" => "declare it under `types`, or use a type that is known".to_owned(),
        other => format!("declare the {other}, or remove the name"),
    };
    if unresolved.candidates.is_empty() {
        return cure;
    }
    format!(
        "{cure} (declared: {})",
        words::some(&unresolved.candidates, 8)
    )
}
