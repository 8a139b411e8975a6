//! The door of the system where no mesh has one: Envoy.

use serde_json::{Value, json};

use super::pod::{self, component};
use super::{Manifest, kustomization, network};
use crate::plan::deployment::{Deployment, Proxy, USER, host};

/// How many doors there are at least, and at most.
const LEAST: u32 = 2;
const MOST: u32 = 6;

/// The ConfigMap of its configuration; the folder `gateway/` makes it.
pub const CONFIGURATION: &str = "gateway-envoy";

const OF: (&str, &str) = (host::GATEWAY, component::GATEWAY);

pub(super) fn manifests(system: &Deployment) -> Vec<Manifest> {
    let Some(proxy) = &system.proxy else {
        return Vec::new();
    };
    let one =
        |file: &str, document| Manifest::generated(format!("base/gateway/{file}"), vec![document]);
    let files = [
        "autoscaler.yaml",
        "deployment.yaml",
        "disruption-budget.yaml",
        "network-policy.yaml",
        "service-account.yaml",
        "service.yaml",
        "../../../../gateway",
    ];
    vec![
        one("autoscaler.yaml", autoscaler(system)),
        one("deployment.yaml", deployment(system, proxy)),
        one("disruption-budget.yaml", budget(system)),
        one("network-policy.yaml", network::gateway(system, proxy)),
        one("service-account.yaml", account(system)),
        one("service.yaml", service(system, proxy.port)),
        one("kustomization.yaml", kustomization::of(&files)).about([
            "The configuration comes from the folder gateway/ of the workspace, which compose uses too: a change of it rolls the pods.",
        ]),
    ]
}

/// The kustomization of the folder that holds Envoy's configuration.
#[must_use]
pub fn configuration() -> Value {
    kustomization::map(CONFIGURATION, "envoy.yaml")
}

fn object(system: &Deployment, kind: (&str, &str), rest: Value) -> Value {
    pod::object(system, kind, host::GATEWAY, OF, rest)
}

fn account(system: &Deployment) -> Value {
    let rest = json!({"automountServiceAccountToken": false});
    object(system, ("v1", "ServiceAccount"), rest)
}

fn service(system: &Deployment, listens: u16) -> Value {
    let rest = json!({"spec": {
        "selector": pod::selector(OF.0, OF.1),
        "ports": [{"name": "http", "port": listens, "targetPort": "http", "appProtocol": "http"}],
    }});
    object(system, ("v1", "Service"), rest)
}

fn deployment(system: &Deployment, proxy: &Proxy) -> Value {
    let mut mounts = vec![
        json!({"name": "configuration", "mountPath": "/etc/envoy", "readOnly": true}),
        json!({"name": "scratch", "mountPath": "/tmp"}),
    ];
    let mut volumes = vec![
        json!({"name": "configuration", "configMap": {"name": CONFIGURATION}}),
        pod::scratch("scratch"),
    ];
    if let Some(keys) = &proxy.keys {
        mounts.push(pod::secrets_mount());
        volumes.push(pod::secrets([keys.name.as_str()].into_iter()));
    }
    let ready = || pod::get(proxy.ready, "watch");
    let container = json!({
        "name": "envoy",
        "image": proxy.image,
        "args": ["--config-path", "/etc/envoy/envoy.yaml", "--log-level", "warn"],
        "ports": [
            {"name": "http", "containerPort": proxy.port},
            {"name": "watch", "containerPort": proxy.metrics_port},
        ],
        "startupProbe": pod::probe(ready(), 2, 30),
        "readinessProbe": pod::probe(ready(), 5, 2),
        "livenessProbe": pod::probe(json!({"tcpSocket": {"port": "http"}}), 10, 3),
        "resources": pod::resources("100m", proxy.memory),
        "securityContext": pod::contained(),
        "volumeMounts": mounts,
    });
    let mut metadata = json!({"labels": pod::labels(system, OF.0, OF.1)});
    if let Some(path) = proxy.metrics {
        metadata["annotations"] = json!({
            "prometheus.io/scrape": "true",
            "prometheus.io/port": proxy.metrics_port.to_string(),
            "prometheus.io/path": path,
        });
    }
    let template = json!({
        "metadata": metadata,
        "spec": {
            "serviceAccountName": host::GATEWAY,
            "automountServiceAccountToken": false,
            "terminationGracePeriodSeconds": 30,
            "securityContext": pod::security(USER),
            "containers": [container],
            "volumes": volumes,
            "topologySpreadConstraints": pod::spread(OF.0, OF.1),
        },
    });
    let rest = json!({"spec": {
        "revisionHistoryLimit": 5,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "selector": {"matchLabels": pod::selector(OF.0, OF.1)},
        "template": template,
    }});
    object(system, ("apps/v1", "Deployment"), rest)
}

fn autoscaler(system: &Deployment) -> Value {
    let rest = json!({"spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": host::GATEWAY},
        "minReplicas": LEAST,
        "maxReplicas": MOST,
        "metrics": [{
            "type": "Resource",
            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
        }],
    }});
    object(system, ("autoscaling/v2", "HorizontalPodAutoscaler"), rest)
}

fn budget(system: &Deployment) -> Value {
    let rest = json!({"spec": {
        "maxUnavailable": 1,
        "selector": {"matchLabels": pod::selector(OF.0, OF.1)},
    }});
    object(system, ("policy/v1", "PodDisruptionBudget"), rest)
}
