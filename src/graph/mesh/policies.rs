//! What the mesh does to requests on their way to a service: declared policies, and raw Istio manifests.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Entry, Host, Hosts, Manifest, duration, manifests};
use crate::model::Model;
use crate::model::arena::{Id, ServiceId};
use crate::syntax::source::Span;
use crate::syntax::yaml::Node;

/// The mesh's policies by service.
#[derive(Debug)]
pub struct MeshPolicies {
    by_service: Vec<Vec<MeshPolicy>>,
}

/// What one declaration says of the way to a service.
#[derive(Debug, Clone)]
pub struct MeshPolicy {
    /// Where it is declared.
    pub span: Span,
    /// How long a request may take, tries included.
    pub timeout: Option<Duration>,
    /// Tries after the first.
    pub retries: u32,
    /// Where these are declared.
    pub retries_span: Span,
    /// When a try is repeated, as Envoy names it.
    pub retry_on: Option<String>,
}

/// Conditions under which a request has not reached the service yet, so that repeating it does no harm and no work twice.
const BEFORE_ARRIVAL: &[&str] = &["connect-failure", "refused-stream"];

impl MeshPolicy {
    /// Whether it repeats only what has not arrived.
    #[must_use]
    pub fn repeats_before_arrival_only(&self) -> bool {
        let conditions = self.retry_on.as_deref().unwrap_or("5xx");
        conditions
            .split(',')
            .all(|condition| BEFORE_ARRIVAL.contains(&condition.trim()))
    }
}

impl MeshPolicies {
    /// The policies of a model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let mut policies = Self {
            by_service: vec![Vec::new(); model.services.len()],
        };
        let Some(mesh) = &model.mesh else {
            return policies;
        };
        for declared in &mesh.services {
            let retries = declared.retries.as_ref();
            policies.by_service[declared.service.index()].push(MeshPolicy {
                span: declared
                    .timeout
                    .as_ref()
                    .map_or(declared.span, |timeout| timeout.span),
                timeout: declared.timeout.as_ref().map(|timeout| timeout.value),
                retries: retries.map_or(0, |retries| retries.attempts),
                retries_span: retries.map_or(declared.span, |retries| retries.span),
                retry_on: retries.and_then(|retries| retries.retry_on.clone()),
            });
        }
        let manifests = manifests(model);
        if manifests.is_empty() {
            return policies;
        }
        let hosts = Hosts::of(model, &manifests);
        for manifest in manifests.iter().filter(|it| it.is("VirtualService")) {
            policies.read(&hosts, manifest);
        }
        policies
    }

    /// The policies on the way to a service.
    #[must_use]
    pub fn to(&self, service: ServiceId) -> &[MeshPolicy] {
        &self.by_service[service.index()]
    }

    /// The policy that repeats a request to a service most often after it has arrived.
    #[must_use]
    pub fn repeats(&self, service: ServiceId) -> Option<&MeshPolicy> {
        self.to(service)
            .iter()
            .filter(|policy| policy.retries > 0 && !policy.repeats_before_arrival_only())
            .max_by_key(|policy| policy.retries)
    }

    fn read(&mut self, hosts: &Hosts<'_>, manifest: &Manifest<'_>) {
        let entries: Vec<Entry<'_>> = manifest
            .entries()
            .filter(|entry| entry.protocol == "http")
            .collect();
        // What a rule that leads nowhere says was meant for all that the manifest is about.
        let whole: Vec<&str> = manifest
            .texts("hosts")
            .map(|(host, _)| host)
            .chain([manifest.name])
            .chain(entries.iter().flat_map(hosts_of))
            .collect();
        for entry in &entries {
            let own: Vec<&str> = hosts_of(entry).collect();
            let named = if own.is_empty() { &whole } else { &own };
            let Some(policy) = policy(entry) else {
                continue;
            };
            let services = named.iter().filter_map(|host| match hosts.find(host) {
                Host::Service(service) => Some(service.index()),
                _ => None,
            });
            for service in services.collect::<BTreeSet<_>>() {
                self.by_service[service].push(policy.clone());
            }
        }
    }
}

/// What a rule for routing says of time and tries.
fn policy(entry: &Entry<'_>) -> Option<MeshPolicy> {
    let timeout = entry.node.get("timeout");
    let retries = entry.node.get("retries");
    let attempts = retries.and_then(|retries| retries.get("attempts"));
    let tries = attempts
        .and_then(Node::as_str)
        .and_then(|tries| tries.parse().ok())
        .unwrap_or(0);
    let retry_on = retries.and_then(|retries| retries.get("retryOn"));
    let policy = MeshPolicy {
        span: timeout.or(attempts).unwrap_or(entry.node).span,
        timeout: timeout.and_then(Node::as_str).and_then(duration),
        retries: tries,
        retries_span: attempts.unwrap_or(entry.node).span,
        retry_on: retry_on.and_then(Node::as_str).map(str::to_owned),
    };
    (policy.timeout.is_some() || tries > 0).then_some(policy)
}

fn hosts_of<'m>(entry: &Entry<'m>) -> impl Iterator<Item = &'m str> + use<'m> {
    entry
        .routes()
        .filter_map(|route| route.get("destination")?.get("host")?.as_str())
}
