//! The second level of caches: Redis, with the configuration and the users that compose gives it too.

use serde_json::json;

use super::part::{Part, Pod};
use crate::plan::deployment::secrets::CACHE_USERS;
use crate::plan::deployment::{Deployment, USER, images};
use crate::plan::kubernetes::network::Behind;
use crate::plan::kubernetes::pod;

/// The ConfigMap of its configuration; the folder `deploy/redis` makes it.
pub(super) const CONFIGURATION: &str = "redis-configuration";

pub(super) fn part(system: &Deployment, behind: &Behind<'_>) -> Part {
    let container = json!({
        "command": ["redis-server", "/etc/redis/redis.conf"],
        "volumeMounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "configuration", "mountPath": "/etc/redis", "readOnly": true},
            pod::secrets_mount(),
        ],
    });
    let pod = Pod {
        image: images::REDIS,
        user: USER,
        container,
        volumes: vec![
            pod::scratch("data"),
            json!({"name": "configuration", "configMap": {"name": CONFIGURATION}}),
            pod::secrets([CACHE_USERS].into_iter()),
        ],
        claim: None,
        // Whoever has not logged in may ask for nothing but this.
        probe: json!({"exec": {"command": ["redis-cli", "-e", "ping"]}}),
        memory: "384Mi",
    };
    Part::new(system, behind, pod)
}
