//! A route that takes a part of its path from every request and passes it on to nobody.

use crate::graph::Graph;
use crate::graph::routes::RouteFacts;
use crate::model::endpoint::{Endpoint, Segment};
use crate::model::gateway::Route;
use crate::model::rewrite::{is_sound, lost, parameters};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("lost-parameter"),
    family: Family::Gateway,
    severity: Severity::Warn,
    required: false,
    summary: "a rewrite leaves out a parameter of its route",
    docs: include_str!("lost_parameter.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let routes = graph
        .model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes);
    routes
        .zip(&graph.routes)
        .filter(|(route, facts)| is_sound(route) && leads(graph, route, facts))
        .filter_map(|(route, _)| finding(graph, route))
        .collect()
}

/// Whether a request arrives, as far as is known. Where it does not, that is the fault.
fn leads(graph: &Graph<'_>, route: &Route, facts: &RouteFacts) -> bool {
    let unknown = |service| graph.model.services[service].endpoints.is_empty();
    !facts.operations.is_empty() || route.service.is_some_and(unknown)
}

fn finding(graph: &Graph<'_>, route: &Route) -> Option<Finding> {
    let (path, rewrite) = (&route.path, route.rewrite.as_ref()?);
    let lost: Vec<String> = lost(route)
        .into_iter()
        .map(|name| format!("`{{{name}}}`"))
        .collect();
    let first = lost.first()?;
    let help = match meant(graph, route) {
        Some(meant) => format!("write `{meant}`, or take {first} out of the path"),
        None => format!("name {first} in the rewrite too, or take it out of the path"),
    };
    let message = format!(
        "route {path} becomes {rewrite}, without its {}",
        words::list(&lost)
    );
    let finding = RULE
        .finding(rewrite.span, message)
        .here("the same for every value")
        .label(path.span, "has it");
    Some(finding.about(path.value.as_str()).help(help))
}

/// The path of an operation that takes as many parameters as the route has, by the route's names for them.
fn meant(graph: &Graph<'_>, route: &Route) -> Option<String> {
    let names: Vec<&str> = parameters(&route.path.value).collect();
    let service = &graph.model.services[route.service?];
    let fits = |endpoint: &&Endpoint| {
        let taken = endpoint.segments.iter();
        let taken = taken.filter(|segment| matches!(segment, Segment::Parameter(_)));
        route.methods.contains(&endpoint.method) && taken.count() == names.len()
    };
    let endpoints = service
        .endpoints
        .iter()
        .map(|id| &graph.model.endpoints[*id]);
    let mut names = names.iter();
    let segments = endpoints.clone().find(fits)?.segments.iter();
    let path = segments.map(|segment| match segment {
        Segment::Literal(text) => format!("/{text}"),
        Segment::Parameter(_) => {
            let name = names.next().copied().unwrap_or_default();
            format!("/{{{name}}}")
        }
    });
    Some(path.collect())
}
