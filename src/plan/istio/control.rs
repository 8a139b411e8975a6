//! What the control plane and the ingress gateway are installed with, and what the mesh tells of itself.

use serde::Serialize;
use serde_json::{Value, json};

use super::names::host;
use super::{Facts, Manifest, object};
use crate::plan::deployment::Deployment;
use crate::plan::deployment::host as hosts;
use crate::plan::deployment::surroundings::mesh::{GATEWAY, INGRESS, NAMESPACE};

/// The version that all this is written for.
const VERSION: &str = "1.30";

/// What is installed once, before the manifests: Istio itself, and the certificate of the door.
#[derive(Debug, Clone, Serialize)]
pub struct Installation {
    /// The version of the charts.
    pub version: String,
    /// The namespace of the control plane and of the ingress gateway.
    pub namespace: &'static str,
    /// The release of the ingress gateway.
    pub ingress: &'static str,
    /// The Secret with the certificate of the door, where there is one.
    pub certificate: Option<String>,
}

/// What a system in the mesh needs to be there.
pub fn installation(system: &Deployment) -> Option<Installation> {
    system.mesh.then(|| Installation {
        version: charts(),
        namespace: NAMESPACE,
        ingress: INGRESS,
        certificate: system.gateway.map(|_| certificate(system)),
    })
}

/// The Secret with the certificate of the door.
pub(super) fn certificate(system: &Deployment) -> String {
    format!("{}-gateway-tls", system.system)
}

/// The version of the charts: any patch of the one that all this is written for.
fn charts() -> String {
    format!("~{VERSION}.0")
}

/// How the control plane calls whoever takes traces.
const PROVIDER: &str = "otel-collector";

/// Access logs, and traces where they are collected.
pub(super) fn telemetry(facts: &Facts<'_>) -> Vec<Manifest> {
    let mut spec = json!({"accessLogging": [{"providers": [{"name": "envoy"}]}]});
    if facts.system.collector {
        let share = facts.model.observability.sample_ratio * 100.0;
        spec["tracing"] = json!([{
            "providers": [{"name": PROVIDER}],
            "randomSamplingPercentage": share,
        }]);
    }
    let kind = ("telemetry.istio.io/v1", "Telemetry");
    let document = object(kind, "default", facts, spec);
    vec![Manifest::new("telemetry.yaml", vec![document])]
}

/// Values of Istio's charts, in place of an IstioOperator: nothing in the cluster reads one since Istio 1.24.
pub(super) fn values(facts: &Facts<'_>) -> Vec<Manifest> {
    let mut all = vec![
        Manifest::new("values/istiod.yaml", vec![control_plane(facts)])
            .about("The control plane, together with the charts `base` and `cni`:")
            .about(format!("helm upgrade --install istiod istio/istiod --version '{}' --namespace {NAMESPACE} --values deploy/istio/values/istiod.yaml", charts())),
    ];
    if facts.model.gateway.is_some() {
        all.push(
            Manifest::new("values/gateway.yaml", vec![ingress_gateway()])
                .about("The ingress gateway. The name of the release is the name of its account, by which services know it:")
                .about(format!("helm upgrade --install {INGRESS} istio/gateway --version '{}' --namespace {NAMESPACE} --values deploy/istio/values/gateway.yaml", charts())),
        );
    }
    all
}

fn control_plane(facts: &Facts<'_>) -> Value {
    let mut mesh = json!({
        "accessLogFile": "/dev/stdout",
        "accessLogEncoding": "JSON",
        "enablePrometheusMerge": true,
        // What stands in a path twice over (`//`) is read once, before anybody decides by it.
        "pathNormalization": {"normalization": "MERGE_SLASHES"},
        "defaultConfig": {"holdApplicationUntilProxyStarts": true},
        // Every rule says how often it repeats: nothing does so without being told.
        "defaultHttpRetryPolicy": {"attempts": 0},
    });
    if facts.system.collector {
        mesh["enableTracing"] = true.into();
        mesh["extensionProviders"] = json!([{
            "name": PROVIDER,
            "opentelemetry": {
                "service": host(facts, hosts::COLLECTOR),
                "port": hosts::COLLECTOR_PORT,
                "http": {"path": "/v1/traces", "timeout": "5s"},
            },
        }]);
    }
    json!({
        "global": {"meshID": facts.system.system},
        "pilot": {"cni": {"enabled": true}},
        "autoscaleMin": 2,
        "resources": {"requests": {"cpu": "500m", "memory": "2048Mi"}},
        "meshConfig": mesh,
    })
}

fn ingress_gateway() -> Value {
    let (key, value) = GATEWAY;
    json!({
        "labels": {key: value},
        "service": {"type": "LoadBalancer", "externalTrafficPolicy": "Local"},
        "autoscaling": {"enabled": true, "minReplicas": 2, "maxReplicas": 6},
        "podDisruptionBudget": {"minAvailable": 1},
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
    })
}
