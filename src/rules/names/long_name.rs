//! Crates, topics and hosts are made of names with something added: there must be room for it.

use crate::graph::Graph;
use crate::graph::names::each_scope;
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
    let mut findings = Vec::new();
    each_scope(graph.model, |scope| {
        let names = scope.names.iter();
        let long = names.filter(|name| length(name.as_str()) > MAX_LENGTH);
        findings.extend(long.map(|name| {
            let message = format!(
                "{}: a name of {} characters; the limit is {MAX_LENGTH}",
                scope.what,
                length(name.as_str())
            );
            RULE.finding(name.span(), message)
                .here("too long")
                .about(name.as_str())
                .help("shorten it")
        }));
    });
    findings
}

fn length(name: &str) -> usize {
    name.chars().count()
}
