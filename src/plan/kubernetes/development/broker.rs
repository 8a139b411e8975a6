//! The broker: NATS with JetStream.

use serde_json::{Value, json};

use super::part::{Configuration, Part, Pod};
use crate::plan::deployment::{Deployment, USER, Workload};
use crate::plan::kubernetes::SECRET_KEY;
use crate::plan::kubernetes::network::Behind;

const IMAGE: &str = "docker.io/library/nats:2.11.4-alpine3.22";

/// Where it tells how it is.
const MONITOR: u16 = 8222;

pub(super) fn part(system: &Deployment, behind: &Behind<'_>) -> Part {
    let passwords: Vec<Value> = system
        .workloads
        .iter()
        .map(|workload| {
            let secret = json!({"name": secret(workload), "key": SECRET_KEY});
            json!({"name": variable(workload), "valueFrom": {"secretKeyRef": secret}})
        })
        .collect();
    let container = json!({
        "args": ["--config", "/etc/nats/nats.conf"],
        "env": passwords,
        "volumeMounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "configuration", "mountPath": "/etc/nats", "readOnly": true},
        ],
    });
    let pod = Pod {
        image: IMAGE,
        user: USER,
        container,
        before: Vec::new(),
        volumes: vec![json!({"name": "configuration", "configMap": {"name": behind.name}})],
        claim: Some("1Gi"),
        probe: json!({"httpGet": {"path": "/healthz", "port": MONITOR}}),
        memory: "256Mi",
    };
    let text = configuration(system, behind.port);
    Part {
        configuration: Some(Configuration::Text("nats.conf", text)),
        ..Part::new(system, behind, pod)
    }
}

fn secret(workload: &Workload) -> String {
    format!("{}-broker", workload.name)
}

/// The variable that a user's password comes by.
fn variable(workload: &Workload) -> String {
    format!("{}_PASSWORD", workload.screaming)
}

fn configuration(system: &Deployment, port: u16) -> String {
    let mut text = format!(
        "# Each service has a user of its own; the passwords come by variables.\n\
         listen: \"0.0.0.0:{port}\"\n\
         http: \"0.0.0.0:{MONITOR}\"\n\
         jetstream {{\n  store_dir: \"/data\"\n  max_file_store: 900MB\n}}\n\
         authorization {{\n  users = [\n"
    );
    for workload in &system.workloads {
        text.push_str(&format!(
            "    {{user: \"{}\", password: ${}}}\n",
            workload.name,
            variable(workload)
        ));
    }
    text.push_str("  ]\n}\n");
    text
}
