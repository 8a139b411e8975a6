//! The second level of caches: Redis.

use serde_json::{Value, json};

use super::part::{Part, Pod};
use crate::plan::deployment::{Deployment, USER};
use crate::plan::kubernetes::network::Behind;
use crate::plan::kubernetes::pod;

const IMAGE: &str = "docker.io/library/redis:8.0.2-alpine3.21";

/// Writes the list of users, each with its own keys and channels, from the secrets: Redis reads no variables.
const USERS: &str = r#"set -eu
umask 077
{
  echo "user default off"
  for user in "$@"; do
    password=$(cat "/run/secrets/$user-cache")
    echo "user $user on >$password ~$user:* &$user:* +@all -@admin"
  done
} > /users/users.acl"#;

pub(super) fn part(system: &Deployment, behind: &Behind<'_>) -> Part {
    let users: Vec<&str> = system
        .workloads
        .iter()
        .filter(|workload| workload.cache)
        .map(|workload| workload.name.as_str())
        .collect();
    let secrets: Vec<String> = users.iter().map(|user| format!("{user}-cache")).collect();
    let port = behind.port.to_string();
    let container = json!({
        "command": ["redis-server"],
        "args": [
            "--port", port, "--aclfile", "/users/users.acl", "--save", "", "--appendonly", "no",
            "--maxmemory", "96mb", "--maxmemory-policy", "allkeys-lru", "--dir", "/tmp",
        ],
        "volumeMounts": [
            {"name": "users", "mountPath": "/users", "readOnly": true},
            {"name": "scratch", "mountPath": "/tmp"},
        ],
    });
    let pod = Pod {
        image: IMAGE,
        user: USER,
        container,
        before: vec![writes_users(&users)],
        volumes: vec![
            pod::scratch("users"),
            pod::scratch("scratch"),
            pod::secrets(secrets.iter().map(String::as_str)),
        ],
        claim: None,
        probe: json!({"tcpSocket": {"port": "main"}}),
        memory: "128Mi",
    };
    Part::new(system, behind, pod)
}

fn writes_users(users: &[&str]) -> Value {
    let mut command = vec!["sh", "-c", USERS, "users"];
    command.extend(users);
    json!({
        "name": "users",
        "image": IMAGE,
        "command": command,
        "resources": pod::resources("10m", "32Mi"),
        "securityContext": pod::contained(),
        "volumeMounts": [{"name": "users", "mountPath": "/users"}, pod::secrets_mount()],
    })
}
