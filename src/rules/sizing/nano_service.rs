//! A service that does almost nothing, for one caller, costs a deployment and a network hop and gives back a function call.

use crate::graph::Graph;
use crate::model::arena::ServiceId;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("nano-service"),
    family: Family::Sizing,
    severity: Severity::Info,
    required: false,
    summary: "a service without data or events does little, and for one caller only",
    docs: include_str!("nano_service.md"),
    check: Check::Limited { limit: 2.0, check },
};

fn check(graph: &Graph<'_>, limit: f64) -> Vec<Finding> {
    let services = graph.model.services.ids();
    services
        .filter_map(|service| finding(graph, service, limit))
        .collect()
}

fn finding(graph: &Graph<'_>, id: ServiceId, limit: f64) -> Option<Finding> {
    let model = graph.model;
    let service = &model.services[id];
    let operations = service.endpoints.len();
    if operations == 0 || operations as f64 > limit || !does_nothing_else(graph, id) {
        return None;
    }
    let mut callers = graph.coupling.callers(id).iter();
    let (Some(caller), None) = (callers.next(), callers.next()) else {
        return None;
    };
    let caller = &model.services[*caller];
    // What another team answers for is kept apart for a reason.
    if let (Some(own), Some(other)) = (&service.team_name, &caller.team_name)
        && own.value != other.value
    {
        return None;
    }
    let (name, only) = (&service.name, &caller.name);
    let message = format!(
        "{name} has {}, no data, no events and one caller, {only}",
        words::count(operations, "operation")
    );
    let mut finding = RULE
        .finding(name.span(), message)
        .here("deployed, watched and called over the network for this alone");
    let calls = caller.calls.iter().map(|call| &model.calls[*call]);
    let called = crate::model::service::Party::Service(id);
    for call in calls.filter(|call| call.to == called).take(1) {
        finding = finding.label(call.span, "the only call");
    }
    Some(finding.about(name.as_str()).help(format!(
        "make it a library or a module of {only}, or let {name} own the data that it works on"
    )))
}

/// Whether its operations are all that there is of a service.
fn does_nothing_else(graph: &Graph<'_>, id: ServiceId) -> bool {
    let service = &graph.model.services[id];
    let routes = graph
        .model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes);
    let keeps = !service.entities.is_empty()
        || !service.stores.is_empty()
        || !service.aggregates.is_empty()
        || !service.caches.is_empty();
    let talks = !service.consumers.is_empty()
        || !service.calls.is_empty()
        || !service.access.is_empty()
        || !graph.activity.published(id).is_empty()
        || graph.activity.is_in_a_saga(id);
    let routed = routes.into_iter().any(|route| route.service == Some(id));
    !keeps && !talks && !routed
}
