//! Crates, topics and hosts are made of names with something added: there must be room for it.

use crate::graph::Graph;
use crate::model::name::MAX_LENGTH;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("long-name"),
    family: Family::Names,
    severity: Severity::Error,
    required: true,
    summary: "a name is longer than 40 characters",
    docs: include_str!("long_name.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let long = graph
        .names
        .iter()
        .flat_map(|scope| scope.names.iter().map(move |name| (scope, name)))
        .filter(|(_, name)| length(name.as_str()) > MAX_LENGTH);
    let findings = long.map(|(scope, name)| {
        let message = format!(
            "{}: a name of {} characters; the limit is {MAX_LENGTH}",
            scope.what,
            length(name.as_str())
        );
        RULE.finding(name.span(), message)
            .here("too long")
            .about(name.as_str())
            .help("shorten it")
    });
    findings.collect()
}

fn length(name: &str) -> usize {
    name.chars().count()
}
