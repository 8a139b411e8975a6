//! What many ways lead through stands on more than one leg.

use crate::graph::Graph;
use crate::graph::dependencies::ROUTES;
use crate::model::arena::ServiceId;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("single-point-of-failure"),
    family: Family::Resilience,
    severity: Severity::Info,
    required: false,
    summary: "three routes or more need a service that runs once",
    docs: include_str!("single_point_of_failure.md"),
    check: Check::Limited { limit: 3.0, check },
};

fn check(graph: &Graph<'_>, limit: f64) -> Vec<Finding> {
    let services = graph.model.services.entries();
    services
        .filter(|(_, service)| service.replicas == Some(1))
        .filter(|(id, _)| graph.dependencies.routes_through(*id).len() as f64 >= limit)
        .map(|(id, _)| finding(graph, id))
        .collect()
}

fn finding(graph: &Graph<'_>, id: ServiceId) -> Finding {
    let service = &graph.model.services[id].name;
    let through = graph.dependencies.routes_through(id);
    let declared = graph
        .model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes);
    let routes: Vec<_> = declared
        .enumerate()
        .filter(|(index, _)| through.contains(index))
        .map(|(_, route)| route)
        .collect();
    let message = format!(
        "{} need {service}, which runs once: {}",
        if routes.len() < ROUTES {
            words::count(routes.len(), "route")
        } else {
            format!("{ROUTES} routes or more")
        },
        words::some(routes.iter().map(|route| &route.path), 4)
    );
    let mut finding = RULE.finding(service.span(), message).here("1 replica");
    for route in routes.iter().take(3) {
        let why = if route.service == Some(id) {
            "leads here"
        } else {
            "cannot be answered without it"
        };
        finding = finding.label(route.path.span, why);
    }
    finding
        .about(service.as_str())
        .help("write `replicas: 2`; or give those that call it a `fallback`")
}
