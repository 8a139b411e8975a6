//! A second door beside the gateway has none of its locks.

use crate::graph::Graph;
use crate::graph::exposure::Exposure;
use crate::model::gateway::Route;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("gateway-bypass"),
    family: Family::Gateway,
    severity: Severity::Warn,
    required: false,
    summary: "a service behind the gateway is open to the outside past it",
    docs: include_str!("gateway_bypass.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let Some(gateway) = graph.model.gateway.as_ref() else {
        return Vec::new();
    };
    let around = graph.exposed.iter().filter_map(|exposure| {
        let mut routes = gateway.routes.iter();
        let route = routes.find(|route| route.service == Some(exposure.service))?;
        Some(finding(graph, exposure, route))
    });
    around.collect()
}

fn finding(graph: &Graph<'_>, exposure: &Exposure, route: &Route) -> Finding {
    let name = &graph.model.services[exposure.service].name;
    let message = format!(
        "{} opens {name} to the outside, past the gateway",
        exposure.how
    );
    RULE.finding(exposure.span, message)
        .here("no token, no limit and no log of the gateway here")
        .label(route.span, format!("the way in to {name}"))
        .about(name.as_str())
        .help("open the gateway alone: `type: ClusterIP` for the service, and no ingress to it")
}
