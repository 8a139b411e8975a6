//! Of two routes alike the first is taken, and the other is a wish; and a prefix takes whatever begins like it.

use crate::graph::Graph;
use crate::graph::mesh::{Entry, Host, Hosts, Manifest, route_destinations};
use crate::model::endpoint::{Endpoint, Segment};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;
use crate::syntax::yaml::Node;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("route-shadowed-or-too-broad"),
    family: Family::Gateway,
    severity: Severity::Error,
    required: false,
    summary: "another route takes the requests of a route, or a prefix takes more or less than meant",
    docs: include_str!("route_shadowed_or_too_broad.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings = shadowed(graph);
    if graph.manifests.is_empty() {
        return findings;
    }
    let manifests = graph.manifests.iter();
    let services = manifests.filter(|manifest| manifest.is("VirtualService"));
    let hosts = Hosts::of(graph.model, &graph.manifests);
    findings.extend(services.flat_map(|manifest| of_prefixes(graph, &hosts, manifest)));
    findings
}

fn shadowed(graph: &Graph<'_>) -> Vec<Finding> {
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

/// The prefixes of a VirtualService: Istio compares text, and knows nothing of segments.
fn of_prefixes(graph: &Graph<'_>, hosts: &Hosts<'_>, manifest: &Manifest<'_>) -> Vec<Finding> {
    let entries: Vec<Entry<'_>> = manifest.entries().collect();
    let prefixes = entries.iter().flat_map(|entry| {
        let uris = entry.matches().filter_map(|wanted| wanted.get("uri"));
        uris.filter_map(move |uri| {
            let prefix = uri.get("prefix")?;
            Some((entry, prefix.as_str()?, prefix.span))
        })
    });
    prefixes
        .filter_map(|(entry, prefix, span)| match prefix.strip_suffix('/') {
            Some("") => None,
            Some(stem) => {
                let left = !entries.iter().any(|entry| takes(entry, stem));
                let operation = left
                    .then(|| operation_at(graph, hosts, entry, stem))
                    .flatten()?;
                Some(too_narrow(manifest, prefix, stem, span, operation))
            }
            None => Some(too_broad(manifest, prefix, span)),
        })
        .collect()
}

fn too_broad(manifest: &Manifest<'_>, prefix: &str, span: Span) -> Finding {
    let message = format!(
        "prefix {prefix} of {} takes {prefix}-and-more too",
        manifest.title()
    );
    let finding = RULE.finding(span, message).here("ends inside a segment");
    finding.about(prefix).help(format!(
        "write two matches, `exact: {prefix}` and `prefix: {prefix}/`"
    ))
}

fn too_narrow(
    manifest: &Manifest<'_>,
    prefix: &str,
    stem: &str,
    span: Span,
    operation: &Endpoint,
) -> Finding {
    let message = format!("prefix {prefix} of {} leaves {stem} out", manifest.title());
    let finding = RULE
        .finding(span, message)
        .here("takes what is below alone")
        .label(operation.span, "is never reached");
    finding
        .about(prefix)
        .help(format!("add a match `exact: {stem}`"))
}

/// Whether a rule takes a path, as far as it can be told.
fn takes(entry: &Entry<'_>, path: &str) -> bool {
    entry.takes_all()
        || entry.matches().any(|wanted| {
            let Some(uri) = wanted.get("uri") else {
                return true;
            };
            let text = |key| uri.get(key).and_then(Node::as_str);
            text("exact") == Some(path)
                || text("prefix").is_some_and(|prefix| path.starts_with(prefix))
                || text("regex").is_some()
        })
}

/// The operation at a path of the services that a rule leads to.
fn operation_at<'g>(
    graph: &'g Graph<'_>,
    hosts: &Hosts<'_>,
    entry: &Entry<'_>,
    path: &str,
) -> Option<&'g Endpoint> {
    let targets = route_destinations(entry).filter_map(|to| to.get("host")?.as_str());
    let services = targets.filter_map(|host| match hosts.find(host) {
        Host::Service(service) => Some(&graph.model.services[service]),
        _ => None,
    });
    let mut endpoints = services.flat_map(|service| &service.endpoints);
    let found = endpoints.find(|id| is_at(&graph.model.endpoints[**id].segments, path))?;
    Some(&graph.model.endpoints[*found])
}

fn is_at(segments: &[Segment], path: &str) -> bool {
    let mut rest = path.split('/').skip(1);
    let all = segments.iter().all(|segment| match segment {
        Segment::Literal(text) => rest.next() == Some(text.as_str()),
        Segment::Parameter(_) => false,
    });
    all && rest.next().is_none()
}
