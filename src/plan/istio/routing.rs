//! On the way to a service: timeouts, tries, versions, connections, and replicas that are taken out.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::names::{NETWORKING, duration, labels, service_host};
use super::{Facts, Manifest, object};
use crate::model::arena::ServiceId;
use crate::model::platform::{ConnectionPool, MeshRetries, MeshService};
use crate::model::service::Party;
use crate::plan::deployment::surroundings::mesh::VERSION_LABEL;
use crate::plan::deployment::{Version, Workload};

/// When a request is sent again where the file does not say: it has not arrived, or the replica that had it is gone.
const RETRY_ON: &str = "connect-failure,refused-stream";

/// What the file says of the way to a service.
pub(super) fn policy<'m>(facts: &Facts<'m>, id: ServiceId) -> Option<&'m MeshService> {
    let mut policies = facts.model.mesh.iter().flat_map(|mesh| &mesh.services);
    policies.find(|policy| policy.service == id)
}

/// A service as it runs.
fn workload<'f>(facts: &'f Facts<'_>, id: ServiceId) -> Option<&'f Workload> {
    let name = facts.model.services[id].name.kebab();
    let mut workloads = facts.system.workloads.iter();
    workloads.find(|workload| workload.name == name)
}

/// Its versions, where there are several.
fn versions<'f>(facts: &'f Facts<'_>, id: ServiceId) -> &'f [Version] {
    workload(facts, id).map_or(&[], |workload| &workload.versions)
}

/// Where requests go: one destination, or one a version with its share.
pub(super) fn destinations(facts: &Facts<'_>, id: ServiceId) -> Value {
    let host = service_host(facts, id);
    let port = facts.model.services[id].port;
    let versions = versions(facts, id);
    if versions.is_empty() {
        return json!([{"destination": {"host": host, "port": {"number": port}}}]);
    }
    let versions = versions.iter().map(|version| {
        json!({
            "destination": {"host": host, "subset": version.name, "port": {"number": port}},
            "weight": version.share,
        })
    });
    versions.collect()
}

/// How often a request is sent again.
pub(super) fn retries(declared: Option<&MeshRetries>) -> Value {
    let Some(retries) = declared.filter(|retries| retries.attempts > 0) else {
        return never();
    };
    let mut built = json!({"attempts": retries.attempts});
    if let Some(time) = retries.per_try_timeout {
        built["perTryTimeout"] = duration(time.value).into();
    }
    built["retryOn"] = retries.retry_on.as_deref().unwrap_or(RETRY_ON).into();
    built
}

/// Not again: Istio would, if nothing were said.
pub(super) fn never() -> Value {
    json!({"attempts": 0})
}

/// Callers that send again by themselves, where the mesh would do it too.
fn persistent(facts: &Facts<'_>, id: ServiceId) -> BTreeSet<String> {
    let repeats = policy(facts, id)
        .and_then(|policy| policy.retries.as_ref())
        .is_some_and(|retries| retries.attempts > 0);
    let calls = facts.model.calls.iter();
    let calls = calls.filter(|call| repeats && call.to == Party::Service(id) && call.tries() > 1);
    calls
        .map(|call| facts.model.services[call.from].name.kebab())
        .collect()
}

/// The routing and the connections of a service.
pub(super) fn of(facts: &Facts<'_>, id: ServiceId) -> Vec<Value> {
    let name = facts.model.services[id].name.kebab();
    let route =
        json!({"hosts": [service_host(facts, id)], "gateways": ["mesh"], "http": rules(facts, id)});
    let connections = json!(connections(facts, id));
    vec![
        object((NETWORKING, "VirtualService"), &name, facts, route),
        object((NETWORKING, "DestinationRule"), &name, facts, connections),
    ]
}

fn rules(facts: &Facts<'_>, id: ServiceId) -> Vec<Value> {
    let policy = policy(facts, id);
    let rule = |callers: &BTreeSet<String>, retries: Value| {
        let mut rule = Map::new();
        if !callers.is_empty() {
            let from = callers
                .iter()
                .map(|caller| json!({"sourceLabels": labels(caller)}));
            rule.insert("match".to_owned(), from.collect());
        }
        rule.insert("route".to_owned(), destinations(facts, id));
        if let Some(timeout) = policy.and_then(|policy| policy.timeout) {
            rule.insert("timeout".to_owned(), duration(timeout.value).into());
        }
        rule.insert("retries".to_owned(), retries);
        Value::Object(rule)
    };
    let persistent = persistent(facts, id);
    let mut rules = Vec::new();
    if !persistent.is_empty() {
        rules.push(rule(&persistent, never()));
    }
    let declared = policy.and_then(|policy| policy.retries.as_ref());
    rules.push(rule(&BTreeSet::new(), retries(declared)));
    rules
}

/// Says in a file why its rules are as they are.
pub(super) fn said(facts: &Facts<'_>, id: ServiceId, manifest: Manifest) -> Manifest {
    let persistent = persistent(facts, id);
    let manifest = if persistent.is_empty() {
        manifest
    } else {
        let callers = persistent.into_iter().collect::<Vec<_>>().join(", ");
        manifest.about(format!(
            "The mesh does not repeat requests of {callers}: their clients do, and know which are safe to repeat."
        ))
    };
    let manifest = match raised(facts, id) {
        Some(percent) => manifest.about(format!(
            "`maxEjectionPercent` is one replica where {percent} % is less than one: Envoy would take nobody out."
        )),
        None => manifest,
    };
    let declared = policy(facts, id).is_some_and(|policy| !policy.canary.is_empty());
    if !declared {
        manifest
    } else if versions(facts, id).is_empty() {
        manifest.about(
            "Its versions are not told apart: its data lies in a file, which one pod has for itself.",
        )
    } else {
        manifest.about(
            "Each version is a Deployment of its own, whose pods have the label `version`; a version without pods answers 503.",
        )
    }
}

fn connections(facts: &Facts<'_>, id: ServiceId) -> Map<String, Value> {
    let policy = policy(facts, id);
    let mut traffic = Map::new();
    if let Some(pool) = policy.and_then(|policy| policy.connection_pool.as_ref()) {
        traffic.insert("connectionPool".to_owned(), pooled(pool));
    }
    let outliers = |replicas| outliers(facts, id, replicas);
    let replicas = workload(facts, id).map_or(1, |workload| workload.replicas);
    if let Some(outliers) = outliers(replicas) {
        traffic.insert("outlierDetection".to_owned(), outliers);
    }
    let plain = facts
        .model
        .mesh
        .as_ref()
        .is_some_and(super::security::is_plain);
    let mode = if plain { "DISABLE" } else { "ISTIO_MUTUAL" };
    traffic.insert("tls".to_owned(), json!({"mode": mode}));
    let mut rule = Map::new();
    rule.insert("host".to_owned(), service_host(facts, id).into());
    rule.insert("trafficPolicy".to_owned(), Value::Object(traffic));
    let versions = versions(facts, id);
    if !versions.is_empty() {
        let subset = |version: &Version| {
            let mut subset = json!({"name": version.name, "labels": {VERSION_LABEL: version.name}});
            // Replicas are taken out of each version for itself.
            if let Some(own) = outliers(version.replicas) {
                subset["trafficPolicy"] = json!({"outlierDetection": own});
            }
            subset
        };
        rule.insert("subsets".to_owned(), versions.iter().map(subset).collect());
    }
    rule
}

fn pooled(pool: &ConnectionPool) -> Value {
    let mut built = Map::new();
    if let Some(most) = pool.max_connections {
        built.insert("tcp".to_owned(), json!({"maxConnections": most}));
    }
    let mut http = Map::new();
    if let Some(most) = pool.max_pending_requests {
        http.insert("http1MaxPendingRequests".to_owned(), most.into());
    }
    if let Some(most) = pool.max_requests_per_connection {
        http.insert("maxRequestsPerConnection".to_owned(), most.into());
    }
    if !http.is_empty() {
        built.insert("http".to_owned(), Value::Object(http));
    }
    Value::Object(built)
}

/// When a replica is taken out: as the file says of the mesh, else of the gateway's breakers, the most cautious of them.
fn outliers(facts: &Facts<'_>, id: ServiceId, replicas: u32) -> Option<Value> {
    if let Some(declared) = policy(facts, id).and_then(|policy| policy.outlier_detection.as_ref()) {
        return Some(json!({
            "consecutive5xxErrors": declared.consecutive_errors,
            "interval": duration(declared.interval),
            "baseEjectionTime": duration(declared.base_ejection_time),
            "maxEjectionPercent": share(declared.max_ejection_percent, replicas),
            "minHealthPercent": 0,
        }));
    }
    let routes = facts
        .model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes);
    let breakers = routes
        .filter(|route| route.service == Some(id))
        .filter_map(|route| route.circuit_breaker.as_ref());
    let breakers: Vec<_> = breakers.collect();
    let failures = breakers
        .iter()
        .map(|breaker| breaker.failure_threshold)
        .min()?;
    let rest = breakers
        .iter()
        .map(|breaker| breaker.recovery_timeout)
        .max()?;
    Some(json!({
        "consecutive5xxErrors": failures,
        "interval": "10s",
        "baseEjectionTime": duration(rest),
        "maxEjectionPercent": share(50, replicas),
        "minHealthPercent": 0,
    }))
}

/// A share of the replicas that is one of them at least: Envoy takes nobody out where it comes to less.
fn share(percent: u32, replicas: u32) -> u32 {
    percent.max(100_u32.div_ceil(replicas.max(1)))
}

/// The declared share of replicas that may be taken out, where that is less than one of them somewhere.
fn raised(facts: &Facts<'_>, id: ServiceId) -> Option<u32> {
    let declared = policy(facts, id)?.outlier_detection.as_ref()?;
    let workload = workload(facts, id)?;
    let versions = workload.versions.iter().map(|version| version.replicas);
    let least = versions.chain([workload.replicas]).min()?;
    let percent = declared.max_ejection_percent;
    (share(percent, least) > percent).then_some(percent)
}
