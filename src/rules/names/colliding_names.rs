//! Two names that are one in another spelling become one crate, one module or one table.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::graph::Graph;
use crate::graph::names::{Kind, What, each_scope};
use crate::model::name::Name;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("colliding-names"),
    family: Family::Names,
    severity: Severity::Error,
    required: true,
    summary: "two names are one once they are spelt for crates, types or tables",
    docs: include_str!("colliding_names.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    each_scope(graph.model, |scope| {
        let mut seen: BTreeMap<Cow<'_, str>, &Name> = BTreeMap::new();
        for name in &scope.names {
            let key = if matches!(scope.kind, Kind::Type | Kind::Alternative) {
                Cow::Owned(name.pascal())
            } else {
                Cow::Borrowed(name.snake())
            };
            match seen.entry(key) {
                Entry::Occupied(first) => {
                    findings.push(finding(scope.what, first.get(), name, first.key()));
                }
                Entry::Vacant(free) => {
                    free.insert(name);
                }
            }
        }
    });
    findings
}

fn finding(what: What<'_>, first: &Name, again: &Name, key: &str) -> Finding {
    let message = if first.as_str() == again.as_str() {
        format!("{what}: {again} is there twice")
    } else {
        format!("{what}: {first} and {again} both become {key}")
    };
    let finding = RULE
        .finding(again.span(), message)
        .here("again here")
        .label(first.span(), "first here")
        .about(again.as_str());
    let finding = if first.as_str() == again.as_str() {
        finding
    } else {
        finding.about(first.as_str())
    };
    finding.help("give one of them another name")
}
