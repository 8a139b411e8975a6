//! One name for two schemas: nobody can say which of them a message, a log or a test was made of.

use crate::graph::Graph;
use crate::graph::evolution::Since;
use crate::graph::evolution::events::{EventChange, EventChangeKind};
use crate::graph::evolution::schema::{Difference, Verdict};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("schema-changed-without-version"),
    family: Family::Events,
    severity: Severity::Error,
    required: false,
    summary: "an event has another schema under the same version (validate --against)",
    docs: include_str!("schema_changed_without_version.md"),
    check: Check::Graph(check),
};

/// How many differences one finding tells.
const SHOWN: usize = 4;

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let Some(since) = graph.evolution.since.last() else {
        return Vec::new();
    };
    let changes = since.events.iter();
    changes
        .filter_map(|change| finding(graph, since, change))
        .collect()
}

fn finding(graph: &Graph<'_>, since: &Since, change: &EventChange) -> Option<Finding> {
    let EventChangeKind::Schema {
        version,
        was,
        differences,
    } = &change.kind
    else {
        return None;
    };
    let event = &graph.model.events[change.event];
    let label = &event.versions[*version].label;
    // What breaks somebody is told as that.
    if plain(label) != plain(was) || !change.hurts().is_empty() {
        return None;
    }
    let phrases = words::some(differences.iter().map(Difference::phrase), SHOWN);
    let message = format!("{} changed and is still {label}: {phrases}", event.name);
    let here = if label.span == event.name.span() {
        format!("{label} where no version is given, as in {}", since.name)
    } else {
        format!("the same as in {}", since.name)
    };
    Some(
        RULE.finding(label.span, message)
            .here(here)
            .about(event.name.as_str())
            .help(format!("call it {}{}", next(label), order(change))),
    )
}

/// `v1`, `V1` and `1` are one version.
fn plain(label: &str) -> &str {
    label.trim().trim_start_matches(['v', 'V'])
}

/// The next minor version: `v1` becomes `v1.1`, `1.2.3` becomes `1.3.0`.
fn next(label: &str) -> String {
    let digits = plain(label);
    let prefix = &label.trim()[..label.trim().len() - digits.len()];
    let mut parts = digits.split('.');
    let major = parts.next().unwrap_or("1");
    let minor = parts
        .next()
        .and_then(|minor| minor.parse::<u64>().ok())
        .unwrap_or(0)
        .saturating_add(1);
    let patch = if parts.next().is_some() { ".0" } else { "" };
    format!("{prefix}{major}.{minor}{patch}")
}

fn order(change: &EventChange) -> String {
    match (change.order(), change.reads()) {
        (Some((first, then)), _) => {
            format!(
                "; deploy {} before {}",
                words::list(first),
                words::list(then)
            )
        }
        (None, (Verdict::Holds, Verdict::Holds)) => {
            "; producers and consumers may be deployed in any order".to_owned()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_version_is_spelt_as_the_one_before() {
        for (label, expected) in [
            ("v1", "v1.1"),
            ("1", "1.1"),
            ("v2.3", "v2.4"),
            ("1.2.3", "1.3.0"),
            ("V1.x", "V1.1"),
        ] {
            assert_eq!(next(label), expected);
        }
    }
}
