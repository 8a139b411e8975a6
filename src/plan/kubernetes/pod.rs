//! What all pods have in common: labels, the restricted security standard, probes, secrets as files.

use serde_json::{Value, json};

use super::{AUTHORITIES, SECRET_KEY};
use crate::plan::deployment::{Deployment, SECRETS, Secret};

/// Names of the parts that a pod can play.
pub(super) mod component {
    /// A service that answers.
    pub(crate) const SERVICE: &str = "service";
    /// A Job that migrates a service's database.
    pub(crate) const MIGRATION: &str = "migration";
    /// The door.
    pub(crate) const GATEWAY: &str = "gateway";
    /// A database.
    pub(crate) const DATABASE: &str = "database";
    /// The broker.
    pub(crate) const BROKER: &str = "broker";
    /// The second level of caches.
    pub(crate) const CACHE: &str = "cache";
    /// Who takes traces.
    pub(crate) const COLLECTOR: &str = "collector";
}

/// The labels by which pods are chosen; they never change.
pub(super) fn selector(name: &str, component: &str) -> Value {
    json!({
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/component": component,
    })
}

/// All labels.
pub(super) fn labels(system: &Deployment, name: &str, component: &str) -> Value {
    let mut labels = selector(name, component);
    labels["app.kubernetes.io/part-of"] = json!(system.system);
    labels
}

/// Keeps the mesh's sidecar out of a pod that asks no service, and that no service asks.
pub(super) fn beside_the_mesh(labels: &mut Value) {
    labels["sidecar.istio.io/inject"] = json!("false");
}

/// The head of an object.
pub(super) fn object(
    system: &Deployment,
    (version, kind): (&str, &str),
    name: &str,
    of: (&str, &str),
    rest: Value,
) -> Value {
    let mut object = json!({
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "labels": labels(system, of.0, of.1)},
    });
    merge(&mut object, rest);
    object
}

/// Puts the entries of one map behind those of another.
pub(super) fn merge(into: &mut Value, rest: Value) {
    if let (Value::Object(into), Value::Object(rest)) = (into, rest) {
        into.extend(rest);
    }
}

/// What the restricted Pod Security Standard asks of a pod, and a user that files on volumes belong to.
pub(super) fn security(user: u32) -> Value {
    json!({
        "runAsNonRoot": true,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": user,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    })
}

/// What it asks of a container, and a root that nobody writes to.
pub(super) fn contained() -> Value {
    json!({
        "allowPrivilegeEscalation": false,
        "readOnlyRootFilesystem": true,
        "capabilities": {"drop": ["ALL"]},
    })
}

/// CPU and memory that are asked for; no more memory than that, and as much CPU as is free.
pub(super) fn resources(cpu: &str, memory: &str) -> Value {
    json!({
        "requests": {"cpu": cpu, "memory": memory},
        "limits": {"memory": memory},
    })
}

/// A probe: what is done, how often, and how many failures count.
pub(super) fn probe(action: Value, every: u32, failures: u32) -> Value {
    let mut probe = action;
    let rest = json!({"periodSeconds": every, "timeoutSeconds": 2, "failureThreshold": failures});
    merge(&mut probe, rest);
    probe
}

/// A GET that must be answered well.
pub(super) fn get(path: &str, port: &str) -> Value {
    json!({"httpGet": {"path": path, "port": port}})
}

/// Secrets as files: each Secret's one key, under the Secret's name.
pub(super) fn secrets<'a>(secrets: impl Iterator<Item = &'a str>) -> Value {
    let sources: Vec<Value> = secrets
        .map(|name| json!({"secret": {"name": name, "items": [{"key": SECRET_KEY, "path": name}]}}))
        .collect();
    json!({"name": "secrets", "projected": {"defaultMode": 0o440, "sources": sources}})
}

/// The names of secrets, for [`secrets`].
pub(super) fn names(secrets: &[Secret]) -> impl Iterator<Item = &str> {
    secrets.iter().map(|secret| secret.name.as_str())
}

/// Where secrets are found in a container.
pub(super) fn secrets_mount() -> Value {
    json!({"name": "secrets", "mountPath": SECRETS, "readOnly": true})
}

/// Certificates of authorities for servers that are elsewhere, if whoever runs the system has made such a ConfigMap.
pub(super) fn authorities() -> Value {
    json!({"name": "authorities", "configMap": {"name": "authorities", "optional": true}})
}

/// Where they are found in a container.
pub(super) fn authorities_mount() -> Value {
    json!({"name": "authorities", "mountPath": AUTHORITIES, "readOnly": true})
}

/// A folder that lives as long as the pod.
pub(super) fn scratch(name: &str) -> Value {
    json!({"name": name, "emptyDir": {"sizeLimit": "64Mi"}})
}

/// Pods apart from each other, where that can be: on several machines, in several zones.
pub(super) fn spread(name: &str, component: &str) -> Value {
    let over = |key: &str| {
        json!({
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": selector(name, component)},
        })
    };
    json!([
        over("kubernetes.io/hostname"),
        over("topology.kubernetes.io/zone")
    ])
}
