//! Who takes traces here: an OpenTelemetry collector that prints them. Where they are kept is not this overlay's matter.

use serde_json::{Value, json};

use super::part::{Part, Pod};
use crate::plan::deployment::{Deployment, USER, images};
use crate::plan::kubernetes::network::Behind;

pub(super) fn part(system: &Deployment, behind: &Behind<'_>) -> Part {
    let container = json!({
        "args": ["--config=/etc/otelcol/config.yaml"],
        "volumeMounts": [{"name": "configuration", "mountPath": "/etc/otelcol", "readOnly": true}],
    });
    let pod = Pod {
        image: images::COLLECTOR,
        user: USER,
        container,
        volumes: vec![json!({"name": "configuration", "configMap": {"name": behind.name}})],
        claim: None,
        probe: json!({"tcpSocket": {"port": "main"}}),
        memory: "256Mi",
    };
    let configuration = configuration(behind.port);
    Part {
        configuration: Some(("config.yaml", configuration)),
        ..Part::new(system, behind, pod)
    }
}

fn configuration(port: u16) -> Value {
    json!({
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": format!("0.0.0.0:{port}")}}}},
        "processors": {
            "memory_limiter": {"check_interval": "1s", "limit_mib": 200},
            "batch": {},
        },
        "exporters": {"debug": {"verbosity": "basic"}},
        "service": {
            "pipelines": {
                "traces": {
                    "receivers": ["otlp"],
                    "processors": ["memory_limiter", "batch"],
                    "exporters": ["debug"],
                },
            },
        },
    })
}
