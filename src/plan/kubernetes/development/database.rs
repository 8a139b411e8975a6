//! The database of one service: PostgreSQL, made by the script that compose runs too.

use serde_json::json;

use super::part::{Part, Pod};
use crate::plan::deployment::{Deployment, Keep, SECRETS, images, secrets};
use crate::plan::kubernetes::network::Behind;
use crate::plan::kubernetes::pod;

/// The ConfigMap of what is run once; the folder `deploy/postgres` makes it.
pub(super) const FIRST: &str = "postgres-init";

/// The user `postgres` of the image: by its socket, the server lets in nobody else.
const USER: u32 = 999;

pub(super) fn part(system: &Deployment, behind: &Behind<'_>) -> Option<Part> {
    let owner = system.workloads.iter().find(
        |workload| matches!(&workload.keep, Keep::Postgres { host, .. } if host == behind.name),
    )?;
    let Keep::Postgres { database, user, .. } = &owner.keep else {
        return None;
    };
    let password = format!("{}-database", owner.name);
    let administrator = secrets::administrator(&owner.name);
    let file = |secret: &str| format!("{SECRETS}/{secret}");
    let container = json!({
        "env": [
            {"name": "PGDATA", "value": "/data/postgres"},
            {"name": "POSTGRES_USER", "value": "postgres"},
            {"name": "POSTGRES_PASSWORD_FILE", "value": file(&administrator)},
            {"name": "POSTGRES_INITDB_ARGS", "value": "--auth-host=scram-sha-256 --auth-local=peer --data-checksums"},
            {"name": "SERVICE_USER", "value": user},
            {"name": "SERVICE_DATABASE", "value": database},
            {"name": "SERVICE_PASSWORD_FILE", "value": file(&password)},
        ],
        "volumeMounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "first", "mountPath": "/docker-entrypoint-initdb.d", "readOnly": true},
            {"name": "socket", "mountPath": "/run/postgresql"},
            {"name": "scratch", "mountPath": "/tmp"},
            pod::secrets_mount(),
        ],
    });
    let pod = Pod {
        image: images::POSTGRES,
        user: USER,
        container,
        volumes: vec![
            json!({"name": "first", "configMap": {"name": FIRST}}),
            pod::scratch("socket"),
            pod::scratch("scratch"),
            pod::secrets([administrator.as_str(), password.as_str()].into_iter()),
        ],
        claim: Some("1Gi"),
        // By TCP: while the database is first made, the server answers on its socket alone.
        probe: json!({"exec": {"command": ["pg_isready", "--quiet", "--host=127.0.0.1", "--username=postgres"]}}),
        memory: "512Mi",
    };
    Some(Part::new(system, behind, pod))
}
