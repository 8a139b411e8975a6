//! A scope protects something only where somebody looks for it.

use crate::graph::Graph;
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("unchecked-scope"),
    family: Family::Gateway,
    severity: Severity::Error,
    required: false,
    summary: "a scope is asked for where nobody looks for it",
    docs: include_str!("unchecked_scope.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let verified = graph.model.authentication().is_some();
    let endpoints = graph.model.endpoints.iter().filter_map(|endpoint| {
        let Party::Service(service) = endpoint.owner else {
            return None;
        };
        let scope = endpoint.scope.as_ref()?;
        let name = format!("{}.{}", graph.model.services[service].name, endpoint.name);
        let finding = |why: &str| {
            let message = format!("nobody looks for the scope `{scope}` of {name}: {why}");
            let finding = RULE
                .finding(scope.span, message)
                .here("is never looked for");
            finding.about(name.as_str())
        };
        match (endpoint.public, verified) {
            (true, _) => Some(
                finding("the operation is public")
                    .help("remove the scope, or `public: true` if a token is needed"),
            ),
            (false, false) => Some(
                finding("no authentication is declared")
                    .help("declare under `gateway.authentication` whose tokens hold"),
            ),
            (false, true) => None,
        }
    });
    let routes = graph
        .model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes);
    let routes = routes.filter(|route| route.public).filter_map(|route| {
        let scope = route.scope.as_ref()?;
        let path = &route.path;
        let message =
            format!("nobody looks for the scope `{scope}` of route {path}: the route is public");
        let finding = RULE
            .finding(scope.span, message)
            .here("is never looked for");
        Some(
            finding
                .about(path.value.as_str())
                .help("remove the scope, or `public: true` if a token is needed"),
        )
    });
    endpoints.chain(routes).collect()
}
