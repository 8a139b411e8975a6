//! A manifest that names what is not there sends requests into nothing.

use std::collections::{HashMap, HashSet};

use super::about;
use crate::graph::Graph;
use crate::graph::mesh::{Host, Hosts, Manifest, route_destinations};
use crate::model::arena::ServiceId;
use crate::rules::references::nearest::nearest;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::yaml::Node;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("unknown-mesh-host-or-subset"),
    family: Family::Mesh,
    severity: Severity::Error,
    required: false,
    summary: "a manifest names a host, a subset or a port that nothing declares",
    docs: include_str!("unknown_mesh_host_or_subset.md"),
    check: Check::Graph(check),
};

/// Who a destination is, so that two spellings of one host are one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Target<'m> {
    Service(ServiceId),
    Other(&'m str),
}

/// What is known of hosts and of their subsets.
struct Known<'m> {
    hosts: Hosts<'m>,
    subsets: HashMap<Target<'m>, HashSet<&'m str>>,
}

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    if graph.manifests.is_empty() {
        return Vec::new();
    }
    let known = known(graph);
    graph
        .manifests
        .iter()
        .flat_map(|manifest| of_manifest(graph, &known, manifest))
        .collect()
}

fn known<'m>(graph: &Graph<'m>) -> Known<'m> {
    let mut known = Known {
        hosts: Hosts::of(graph.model, &graph.manifests),
        subsets: HashMap::new(),
    };
    let mesh = graph.model.mesh.iter();
    for policy in mesh.flat_map(|mesh| &mesh.services) {
        let versions = policy.canary.iter().map(|(version, _)| version.as_str());
        let subsets = known.subsets.entry(Target::Service(policy.service));
        subsets.or_default().extend(versions);
    }
    let rules = graph.manifests.iter().filter(|it| it.is("DestinationRule"));
    for rule in rules {
        let Some(host) = rule.spec("host").and_then(Node::as_str) else {
            continue;
        };
        let subsets = rule.spec("subsets").and_then(Node::as_list);
        let names = subsets.into_iter().flatten();
        let target = target(&known.hosts, host);
        let names = names.filter_map(|subset| subset.get("name")?.as_str());
        known.subsets.entry(target).or_default().extend(names);
    }
    known
}

fn target<'m>(hosts: &Hosts<'_>, host: &'m str) -> Target<'m> {
    match hosts.find(host) {
        Host::Service(service) => Target::Service(service),
        _ => Target::Other(host),
    }
}

fn of_manifest(graph: &Graph<'_>, known: &Known<'_>, manifest: &Manifest<'_>) -> Vec<Finding> {
    if manifest.is("DestinationRule") {
        let host = manifest.spec("host");
        let finding = host.and_then(|host| of_host(graph, known, manifest, host));
        return finding.into_iter().collect();
    }
    if !manifest.is("VirtualService") {
        return Vec::new();
    }
    let entries: Vec<_> = manifest.entries().collect();
    let destinations = entries.iter().flat_map(route_destinations);
    destinations
        .filter_map(|destination| of_destination(graph, known, manifest, destination))
        .collect()
}

fn of_destination(
    graph: &Graph<'_>,
    known: &Known<'_>,
    manifest: &Manifest<'_>,
    destination: &Node,
) -> Option<Finding> {
    let host = destination.get("host")?;
    if let Some(finding) = of_host(graph, known, manifest, host) {
        return Some(finding);
    }
    let name = host.as_str()?;
    let found = known.hosts.find(name);
    let subset = destination.get("subset");
    let subset = subset.and_then(|subset| Some((subset.as_str()?, subset.span)));
    if let Some((subset, span)) = subset.filter(|_| found != Host::Elsewhere) {
        let subsets = known.subsets.get(&target(&known.hosts, name));
        if subsets.is_none_or(|subsets| !subsets.contains(subset)) {
            return Some(no_subset(manifest, name, subset, subsets, span));
        }
    }
    let Host::Service(service) = found else {
        return None;
    };
    let service = &graph.model.services[service];
    let port = destination.get("port")?.get("number")?;
    let (given, stated) = (port.as_str()?, service.port_span?);
    (given != service.port.to_string()).then(|| {
        let message = format!(
            "{} leads to port {given}, and {} listens on {}",
            manifest.title(),
            service.name,
            service.port
        );
        let finding = RULE.finding(port.span, message).here("nobody listens here");
        let finding = finding.label(stated, "listens here");
        about(finding, manifest).help(format!("write {}", service.port))
    })
}

fn no_subset(
    manifest: &Manifest<'_>,
    host: &str,
    subset: &str,
    subsets: Option<&HashSet<&str>>,
    span: crate::syntax::source::Span,
) -> Finding {
    let message = format!(
        "{} leads to subset {subset} of {host}, which nothing declares",
        manifest.title()
    );
    let finding = RULE.finding(span, message).here("no subset of this name");
    let mut declared: Vec<&str> = subsets.into_iter().flatten().copied().collect();
    declared.sort_unstable();
    let help = match nearest(subset, declared.iter().copied()) {
        Some(near) => format!("write {near}"),
        None if declared.is_empty() => {
            format!("declare it under `subsets` of a DestinationRule for {host}")
        }
        None => format!(
            "declare it under `subsets` of the DestinationRule for {host} (declared: {})",
            words::some(declared, 6)
        ),
    };
    about(finding, manifest).help(help)
}

fn of_host(
    graph: &Graph<'_>,
    known: &Known<'_>,
    manifest: &Manifest<'_>,
    host: &Node,
) -> Option<Finding> {
    let name = host.as_str()?;
    if known.hosts.find(name) != Host::Nobody {
        return None;
    }
    let message = format!(
        "{} leads to host {name}, which does not exist",
        manifest.title()
    );
    let finding = RULE
        .finding(host.span, message)
        .here("no service of this name");
    Some(finding.about(name).help(advice(graph, known, name)))
}

fn advice(graph: &Graph<'_>, known: &Known<'_>, host: &str) -> String {
    if let Some((service, version)) = host.rsplit_once('-')
        && let Host::Service(id) = known.hosts.find(service)
        && version.starts_with('v')
    {
        let service = &graph.model.services[id].name;
        return format!(
            "a version is usually a subset of one host: write `host: {service}` with `subset: {version}`, and declare the subset in a DestinationRule"
        );
    }
    let services = graph.model.services.iter();
    match nearest(host, services.map(|service| service.name.as_str())) {
        Some(near) => format!("write {near}"),
        None => "declare the service, or a ServiceEntry for a host outside".to_owned(),
    }
}
