//! A way in that the gateway leaves open and the service does not.

use crate::graph::Graph;
use crate::graph::routes::RouteFacts;
use crate::model::arena::EndpointId;
use crate::model::gateway::Route;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("public-route-to-guarded-operation"),
    family: Family::Gateway,
    severity: Severity::Warn,
    required: false,
    summary: "a public route leads to an operation that asks for a token",
    docs: include_str!("public_route_to_guarded_operation.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    // Without it, services trust the network that they are in.
    if graph.model.authentication().is_none() {
        return Vec::new();
    }
    let routes = graph
        .model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes);
    let routes: Vec<(&Route, &RouteFacts)> = routes.zip(&graph.routes).collect();
    let open = routes.iter().filter(|(route, _)| route.public);
    let found = open.filter_map(|(route, facts)| {
        // What a route with a token leads to as well is guarded on purpose.
        let guarded = facts.operations.iter().filter(|id| {
            let known = |(other, facts): &(&Route, &RouteFacts)| {
                !other.public && facts.operations.contains(id)
            };
            !graph.model.endpoints[**id].public && !routes.iter().any(known)
        });
        finding(graph, route, &guarded.copied().collect::<Vec<_>>())
    });
    found.collect()
}

fn finding(graph: &Graph<'_>, route: &Route, guarded: &[EndpointId]) -> Option<Finding> {
    let service = &graph.model.services[route.service?].name;
    let first = &graph.model.endpoints[*guarded.first()?];
    let names = guarded
        .iter()
        .map(|id| graph.model.endpoints[*id].name.to_string());
    let message = format!(
        "route {} is public, and {service} asks for a token: {}",
        route.path,
        words::some(names, 4)
    );
    Some(
        RULE.finding(route.path.span, message)
            .here("lets in whom the service answers 401")
            .label(first.name.span(), "is not public")
            .about(route.path.value.as_str())
            .help("write `public: true` at the operation too if anybody may call it, or remove it from the route"),
    )
}
