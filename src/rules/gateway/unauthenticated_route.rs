//! Who may come in is said, or nobody may.

use crate::graph::Graph;
use crate::model::gateway::{Access, Gateway, Middleware, Route};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("unauthenticated-route"),
    family: Family::Gateway,
    severity: Severity::Warn,
    required: false,
    summary: "a route is neither public nor behind an authentication",
    docs: include_str!("unauthenticated_route.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let gateways = graph.model.gateway.iter();
    gateways
        .flat_map(|gateway| {
            let closed = |route: &&Route| gateway.access(route) == Access::Nobody;
            gateway
                .routes
                .iter()
                .filter(closed)
                .map(|route| finding(gateway, route))
        })
        .collect()
}

fn finding(gateway: &Gateway, route: &Route) -> Finding {
    let message = format!(
        "route {} lets nobody in: it is not public, and no authentication is declared",
        route.path
    );
    let finding = RULE
        .finding(route.path.span, message)
        .here("answers 401 to everybody")
        .about(route.path.value.as_str());
    let listed = gateway
        .middleware
        .iter()
        .find(|item| item.value == Middleware::Authentication);
    let finding = match listed {
        Some(listed) => finding.label(listed.span, "has nothing to verify tokens with"),
        None => finding,
    };
    finding.help("declare under `gateway.authentication` whose tokens hold, or write `public: true` if anybody may come in")
}
