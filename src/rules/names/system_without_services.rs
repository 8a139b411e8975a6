//! A system is made of services.

use crate::graph::Graph;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("system-without-services"),
    family: Family::Names,
    severity: Severity::Error,
    required: true,
    summary: "an architecture declares no service",
    docs: include_str!("system_without_services.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let system = &graph.model.system;
    if !graph.model.services.is_empty() || system.name.as_str().is_empty() {
        return Vec::new();
    }
    let finding = RULE
        .finding(system.span, format!("{} has no service", system.name))
        .here("nothing can be made of this")
        .about(system.name.as_str());
    vec![finding.help("declare at least one under `services`: a name is enough")]
}
