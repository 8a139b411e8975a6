//! The database of one service: PostgreSQL.

use serde_json::json;

use super::part::{Part, Pod};
use crate::plan::deployment::{Deployment, Keep, SECRETS};
use crate::plan::kubernetes::network::Behind;
use crate::plan::kubernetes::pod;

const IMAGE: &str = "docker.io/library/postgres:17.5-alpine3.22";

/// The user `postgres` of that image, whom it needs to know.
const USER: u32 = 70;

pub(super) fn part(system: &Deployment, behind: &Behind<'_>) -> Option<Part> {
    let owner = system.workloads.iter().find(
        |workload| matches!(&workload.keep, Keep::Postgres { host, .. } if host == behind.name),
    )?;
    let Keep::Postgres { database, user, .. } = &owner.keep else {
        return None;
    };
    let secret = format!("{}-database", owner.name);
    let container = json!({
        "env": [
            {"name": "PGDATA", "value": "/data/postgres"},
            {"name": "PGPORT", "value": behind.port.to_string()},
            {"name": "POSTGRES_DB", "value": database},
            {"name": "POSTGRES_USER", "value": user},
            {"name": "POSTGRES_PASSWORD_FILE", "value": format!("{SECRETS}/{secret}")},
        ],
        "volumeMounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "socket", "mountPath": "/var/run/postgresql"},
            {"name": "scratch", "mountPath": "/tmp"},
            pod::secrets_mount(),
        ],
    });
    let pod = Pod {
        image: IMAGE,
        user: USER,
        container,
        before: Vec::new(),
        volumes: vec![
            pod::scratch("socket"),
            pod::scratch("scratch"),
            pod::secrets([secret.as_str()].into_iter()),
        ],
        claim: Some("1Gi"),
        probe: json!({"exec": {"command": ["pg_isready", "--host", "127.0.0.1", "--username", user, "--dbname", database]}}),
        memory: "256Mi",
    };
    Some(Part::new(system, behind, pod))
}
