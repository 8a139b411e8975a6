//! What the mesh does to requests on their way to a service: declared policies, and raw Istio manifests.

use std::time::Duration;

use serde_json::Value;

use crate::model::Model;
use crate::model::arena::{Id, ServiceId};
use crate::model::name::Name;
use crate::syntax::source::Span;

/// The mesh's policies by service.
#[derive(Debug)]
pub struct MeshPolicies {
    by_service: Vec<Vec<MeshPolicy>>,
}

/// What one declaration says of the way to a service.
#[derive(Debug, Clone)]
pub struct MeshPolicy {
    /// Where it is declared: the whole manifest, for a raw one.
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
        for manifest in &mesh.manifests {
            policies.read(model, &manifest.value, manifest.span);
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

    fn read(&mut self, model: &Model, manifest: &Value, span: Span) {
        if manifest["kind"] != "VirtualService" {
            return;
        }
        let Some(entries) = manifest["spec"]["http"].as_array() else {
            return;
        };
        let whole: Vec<&str> = texts(&manifest["spec"]["hosts"])
            .chain(manifest["metadata"]["name"].as_str())
            .chain(entries.iter().flat_map(destinations))
            .collect();
        for entry in entries {
            let own: Vec<&str> = destinations(entry).collect();
            let hosts = if own.is_empty() { &whole } else { &own };
            let policy = MeshPolicy {
                span,
                timeout: entry["timeout"].as_str().and_then(duration),
                retries: entry["retries"]["attempts"]
                    .as_u64()
                    .and_then(|tries| u32::try_from(tries).ok())
                    .unwrap_or(0),
                retries_span: span,
                retry_on: entry["retries"]["retryOn"].as_str().map(str::to_owned),
            };
            if policy.timeout.is_none() && policy.retries == 0 {
                continue;
            }
            for service in named(model, hosts) {
                self.by_service[service.index()].push(policy.clone());
            }
        }
    }
}

fn destinations(entry: &Value) -> impl Iterator<Item = &str> {
    entry["route"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|route| route["destination"]["host"].as_str())
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// The services that some hosts name: `orders`, or `orders.shop.svc.cluster.local`.
fn named(model: &Model, hosts: &[&str]) -> Vec<ServiceId> {
    let labels: Vec<String> = hosts
        .iter()
        .map(|host| Name::snake_of(host.split('.').next().unwrap_or_default()))
        .collect();
    let services = model
        .services
        .entries()
        .filter(|(_, service)| labels.iter().any(|label| label == service.name.snake()));
    services.map(|(id, _)| id).collect()
}

/// A duration as Istio writes it: `30s`, `0.5s`, `250ms`, `1m`.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|char: char| !char.is_ascii_digit() && char != '.')?;
    let number: f64 = text[..digits].parse().ok()?;
    let seconds = match &text[digits..] {
        "ms" => number / 1000.0,
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_istio_are_read() {
        assert_eq!(duration("30s"), Some(Duration::from_secs(30)));
        assert_eq!(duration("0.5s"), Some(Duration::from_millis(500)));
        assert_eq!(duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(duration("soon"), None);
        assert_eq!(duration("7"), None);
    }
}
