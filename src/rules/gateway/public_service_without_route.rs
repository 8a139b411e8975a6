//! Operations that no request can reach.

use crate::graph::Graph;
use crate::model::arena::ServiceId;
use crate::model::name::Name;
use crate::model::service::Service;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("public-service-without-route"),
    family: Family::Gateway,
    severity: Severity::Info,
    required: false,
    summary: "no route and no call leads to the operations of a service",
    docs: include_str!("public_service_without_route.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let Some(gateway) = graph.model.gateway.as_ref() else {
        return Vec::new();
    };
    // A route whose target leads nowhere may have been meant for any of them.
    if gateway.routes.is_empty() || gateway.routes.iter().any(|route| route.service.is_none()) {
        return Vec::new();
    }
    let mut unreached = vec![true; graph.model.services.len()];
    for service in gateway.routes.iter().filter_map(|route| route.service) {
        unreached[crate::model::arena::Id::index(service)] = false;
    }
    let services = graph.model.services.ids().zip(unreached);
    let services = services.filter(|(_, unreached)| *unreached);
    services
        .filter_map(|(service, _)| finding(graph, service))
        .collect()
}

fn finding(graph: &Graph<'_>, id: ServiceId) -> Option<Finding> {
    let service = &graph.model.services[id];
    if service.internal || !graph.coupling.callers(id).is_empty() {
        return None;
    }
    let name = &service.name;
    let first = graph.model.gateway.as_ref()?.routes.first()?;
    let (what, place) = offered(graph, service)?;
    let message = format!("{name} has {what}, and neither a route nor a call leads there");
    let mut finding = RULE
        .finding(name.span(), message)
        .here("nobody can ask it for anything");
    if place.span() != name.span() {
        finding = finding.label(place.span(), "out of reach");
    }
    Some(
        finding
            .label(first.span, "routes lead to other services")
            .about(name.as_str())
            .help(format!(
                "add a route with `service: {name}`, or say `internal: true` where it is meant to be out of reach"
            )),
    )
}

/// What a service offers: its operations, or, where none is written down, commands that nothing runs.
fn offered<'m>(graph: &Graph<'m>, service: &'m Service) -> Option<(String, &'m Name)> {
    let model = graph.model;
    if let Some(first) = service.endpoints.first() {
        let what = words::count(service.endpoints.len(), "operation");
        return Some((what, &model.endpoints[*first].name));
    }
    let idle = service.aggregates.iter().flat_map(|id| {
        let commands = model.aggregates[*id].commands.iter().enumerate();
        commands.filter(move |(index, _)| !graph.activity.is_run(*id, *index))
    });
    let idle: Vec<&Name> = idle.map(|(_, command)| &command.name).collect();
    let first = *idle.first()?;
    let what = format!(
        "{} that nothing runs ({})",
        words::count(idle.len(), "command"),
        words::some(&idle, 4)
    );
    Some((what, first))
}
