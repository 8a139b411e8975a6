//! The secrets of a system that lie in files: which a script makes, and which somebody gives.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Deployment, Keep};
use crate::plan::docs::markdown;

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
    /// Whether somebody gives it.
    pub given: bool,
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
pub(super) fn files(deployment: &Deployment) -> Vec<SecretFile> {
    let mut files: BTreeMap<String, SecretFile> = BTreeMap::new();
    for workload in &deployment.workloads {
        let mut keep = |name: &str, purpose: &str, given| {
            files.entry(name.to_owned()).or_insert_with(|| SecretFile {
                name: name.to_owned(),
                purpose: word(purpose),
                text: markdown::text(purpose),
                given,
            });
        };
        for secret in &workload.secrets {
            keep(&secret.name, &secret.purpose, secret.given);
        }
        if let Keep::Postgres {
            host, given: false, ..
        } = &workload.keep
        {
            let purpose = format!("password of the administrator of {host}");
            keep(&administrator(&workload.name), &purpose, false);
        }
    }
    files.into_values().collect()
}
