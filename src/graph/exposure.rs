//! Services that raw manifests open to the outside, past the gateway.

use super::mesh::{Host, Hosts, Manifest, route_destinations};
use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::syntax::source::Span;
use crate::syntax::yaml::Node;

/// What opens a service.
#[derive(Debug, Clone)]
pub struct Exposure {
    /// The service.
    pub service: ServiceId,
    /// Where the manifest says so.
    pub span: Span,
    /// How, in words: `Service orders of type NodePort`.
    pub how: String,
}

/// What the manifests of a model open, in their order.
#[must_use]
pub fn of(model: &Model, manifests: &[Manifest<'_>]) -> Vec<Exposure> {
    let known = Hosts::of(model, manifests);
    let mut found = Vec::new();
    for manifest in manifests {
        let Some(opened) = opened(manifest) else {
            continue;
        };
        let hosts = opened.hosts.iter().map(|host| known.find(host));
        let mut services: Vec<ServiceId> = hosts
            .filter_map(|host| match host {
                Host::Service(service) => Some(service),
                Host::Outside | Host::Elsewhere | Host::Nobody => None,
            })
            .collect();
        services.sort_unstable();
        services.dedup();
        found.extend(services.into_iter().map(|service| Exposure {
            service,
            span: opened.span,
            how: opened.how.clone(),
        }));
    }
    found
}

/// What a manifest opens.
struct Opened<'m> {
    how: String,
    span: Span,
    hosts: Vec<&'m str>,
}

fn opened<'m>(manifest: &Manifest<'m>) -> Option<Opened<'m>> {
    match manifest.kind {
        "Service" => service(manifest),
        "Ingress" => Some(Opened {
            how: manifest.title(),
            span: manifest.place(),
            hosts: backends(manifest),
        }),
        "VirtualService" => ingress(manifest),
        _ => None,
    }
}

fn service<'m>(manifest: &Manifest<'m>) -> Option<Opened<'m>> {
    let kind = manifest.spec("type")?;
    let word = kind.as_str()?;
    if !matches!(word, "NodePort" | "LoadBalancer") {
        return None;
    }
    let labels = ["app", "app.kubernetes.io/name"];
    let selector = manifest.spec("selector");
    let selected = selector.and_then(|selector| labels.iter().find_map(|key| selector.get(key)));
    let host = selected.and_then(Node::as_str).unwrap_or(manifest.name);
    Some(Opened {
        how: format!("{} of type {word}", manifest.title()),
        span: kind.span,
        hosts: vec![host],
    })
}

/// A route that is bound to an ingress gateway, and not to the sidecars alone.
fn ingress<'m>(manifest: &Manifest<'m>) -> Option<Opened<'m>> {
    let (gateway, span) = manifest
        .texts("gateways")
        .find(|(gateway, _)| *gateway != "mesh")?;
    let entries = manifest.entries();
    let destinations = entries.flat_map(|entry| route_destinations(&entry));
    let hosts = destinations.filter_map(|destination| destination.get("host")?.as_str());
    Some(Opened {
        how: format!("{} of the ingress gateway {gateway}", manifest.title()),
        span,
        hosts: hosts.collect(),
    })
}

fn backends<'m>(manifest: &Manifest<'m>) -> Vec<&'m str> {
    let rules = items(manifest.spec("rules"));
    let paths = rules.flat_map(|rule| items(rule.get("http").and_then(|http| http.get("paths"))));
    let backends = paths.filter_map(|path| path.get("backend"));
    backends
        .chain(manifest.spec("defaultBackend"))
        .filter_map(|backend| backend.get("service")?.get("name")?.as_str())
        .collect()
}

fn items(list: Option<&Node>) -> impl Iterator<Item = &Node> {
    list.and_then(Node::as_list).into_iter().flatten()
}
