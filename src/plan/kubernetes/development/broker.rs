//! The broker: NATS with JetStream, with the configuration and the users that compose gives it too.

use serde_json::json;

use super::part::{Part, Pod};
use crate::plan::deployment::secrets::BROKER_USERS;
use crate::plan::deployment::{Deployment, USER, images};
use crate::plan::kubernetes::network::Behind;
use crate::plan::kubernetes::pod;

/// The ConfigMap of its configuration; the folder `deploy/nats` makes it.
pub(super) const CONFIGURATION: &str = "nats-configuration";

pub(super) fn part(system: &Deployment, behind: &Behind<'_>) -> Part {
    let container = json!({
        "args": ["--config", "/etc/nats/nats.conf"],
        "volumeMounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "configuration", "mountPath": "/etc/nats", "readOnly": true},
            pod::secrets_mount(),
        ],
    });
    let pod = Pod {
        image: images::NATS,
        user: USER,
        container,
        volumes: vec![
            json!({"name": "configuration", "configMap": {"name": CONFIGURATION}}),
            pod::secrets([BROKER_USERS].into_iter()),
        ],
        claim: Some("10Gi"),
        // It tells how it is to nobody but itself.
        probe: json!({"exec": {"command": ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8222/healthz?js-enabled-only=true"]}}),
        memory: "512Mi",
    };
    Part::new(system, behind, pod)
}
