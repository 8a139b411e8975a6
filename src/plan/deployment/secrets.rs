//! The secrets of a system that lie in files: which a script makes, and which somebody gives. Compose and Kubernetes read the same ones.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Deployment, Keep};
use crate::plan::docs::markdown;

/// The shared secret that tokens are signed with.
pub const TOKENS: &str = "tokens";
/// A file with the users of the broker and their passwords, made from the passwords.
pub const BROKER_USERS: &str = "broker-users";
/// A file with the users of the cache and their passwords' digests, made from the passwords.
pub const CACHE_USERS: &str = "cache-users";

/// A secret in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecretFile {
    /// Its name, and the file's.
    pub name: String,
    /// What it is, for people, as a word of the shell.
    pub purpose: String,
    /// The same, as a cell of a table.
    pub text: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a secret comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Somebody gives it.
    Given,
    /// The script makes it up.
    Made,
    /// The script makes it from others.
    Derived,
}

/// The password of the administrator of a service's database server.
pub fn administrator(service: &str) -> String {
    format!("{service}-database-admin")
}

/// A text as one word of the shell, on one line; a shell would take backquotes for something to run.
fn word(text: &str) -> String {
    let line = text.replace('`', "").replace(char::is_control, " ");
    format!("'{}'", line.replace('\'', "'\\''"))
}

/// Every secret that is made or given, once, sorted by name.
pub fn files(deployment: &Deployment) -> Vec<SecretFile> {
    let mut files: BTreeMap<String, SecretFile> = BTreeMap::new();
    let mut keep = |name: &str, purpose: &str, origin| {
        files.entry(name.to_owned()).or_insert_with(|| SecretFile {
            name: name.to_owned(),
            purpose: word(purpose),
            text: markdown::text(&purpose.replace('`', "")),
            origin,
        });
    };
    for workload in &deployment.workloads {
        for secret in &workload.secrets {
            let origin = if secret.given {
                Origin::Given
            } else {
                Origin::Made
            };
            keep(&secret.name, &secret.purpose, origin);
        }
        if let Keep::Postgres {
            host, given: false, ..
        } = &workload.keep
        {
            let purpose = format!("password of the administrator of {host}");
            keep(&administrator(&workload.name), &purpose, Origin::Made);
        }
    }
    let envoy = deployment.compose || !deployment.mesh;
    let keys = deployment.proxy.iter().filter(|_| envoy);
    for keys in keys.filter_map(|proxy| proxy.keys.as_ref()) {
        // Without published keys there is the shared secret, which services have as it is.
        let origin = if deployment.jwks.is_some() {
            Origin::Given
        } else {
            Origin::Derived
        };
        keep(&keys.name, &keys.purpose, origin);
    }
    if deployment.broker {
        keep(BROKER_USERS, "users of the broker", Origin::Derived);
    }
    if deployment.cache {
        keep(CACHE_USERS, "users of the cache", Origin::Derived);
    }
    files.into_values().collect()
}
