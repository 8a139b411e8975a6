//! A route that leads past every operation of its service.

use crate::graph::Graph;
use crate::model::gateway::Route;
use crate::model::rewrite::is_sound;
use crate::model::service::Service;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("dead-route"),
    family: Family::Gateway,
    severity: Severity::Warn,
    required: false,
    summary: "a route leads to no operation of its service",
    docs: include_str!("dead_route.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let routes = graph
        .model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes);
    let dead = routes.zip(&graph.routes).filter_map(|(route, facts)| {
        let service = &graph.model.services[route.service?];
        // Operations that nobody has written down yet are unknown, not missing.
        let known = is_sound(route) && !service.endpoints.is_empty() && service.lost_endpoints == 0;
        (known && facts.operations.is_empty()).then(|| finding(graph, route, service))
    });
    dead.collect()
}

fn finding(graph: &Graph<'_>, route: &Route, service: &Service) -> Finding {
    let path = &route.path;
    let operations = service.endpoints.iter().map(|id| {
        let endpoint = &graph.model.endpoints[*id];
        format!("{} {}", endpoint.method.as_str(), endpoint.path)
    });
    let message = format!("route {path} leads to no operation of {}", service.name);
    let finding = RULE
        .finding(path.span, message)
        .here("answers 404 or 405 to everything");
    let finding = match &route.rewrite {
        Some(rewrite) => finding.label(rewrite.span, "is what the service sees"),
        None => finding,
    };
    finding.about(path.value.as_str()).help(format!(
        "lead it to one of {}, by `path`, `method` or `rewrite`, or remove it",
        words::some(operations, 4)
    ))
}
