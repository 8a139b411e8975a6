//! Of two routes alike the first is taken, and the other is a wish.

use crate::graph::Graph;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("shadowed-route"),
    family: Family::Gateway,
    severity: Severity::Error,
    required: false,
    summary: "another route of the same path takes the requests of a route",
    docs: include_str!("shadowed_route.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let Some(gateway) = &graph.model.gateway else {
        return Vec::new();
    };
    let routes = gateway.routes.iter().zip(&graph.routes);
    let findings = routes.filter_map(|(route, facts)| {
        let (earlier, taken) = facts.shadows.first()?;
        let path = &route.path;
        let message = if taken.len() == route.methods.len() {
            format!("route {path} is never taken: another of the same path comes first")
        } else {
            let methods = words::list(taken.iter().map(|method| method.as_str()));
            format!("route {path} never gets {methods}: another of the same path comes first")
        };
        let finding = RULE.finding(path.span, message).here("comes too late");
        let finding = finding.label(gateway.routes[*earlier].path.span, "is taken instead");
        let help = "remove one of them, or give each methods of its own";
        Some(finding.about(path.value.as_str()).help(help))
    });
    findings.collect()
}
