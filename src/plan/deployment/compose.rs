//! The system as compose runs it on one machine.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::networks::{Network, networks};
use super::quantity::{mebibytes, millicpus};
use super::secrets::{self, Origin, SecretFile};
use super::{Deployment, Keep, Setting, Workload, host};
use crate::plan::service::ServicePlan;

/// Connections of one copy of a service to its database, as the runtime opens them.
const CONNECTIONS: u32 = 10;
/// What else a database server lets in.
const MORE_CONNECTIONS: u32 = 20;

/// What `deploy/compose.yaml` shows.
#[derive(Debug, Clone, Serialize)]
pub struct Compose {
    /// The project's name.
    pub project: String,
    /// The services.
    pub services: Vec<ComposeService>,
    /// The networks, sorted by name.
    pub networks: Vec<Network>,
    /// Who is in which networks, for everybody who is no service of the system.
    pub member: BTreeMap<String, Vec<String>>,
    /// Volumes of services and databases, sorted.
    pub volumes: Vec<String>,
    /// Secrets in files, sorted by name.
    pub secrets: Vec<SecretFile>,
    /// The secret with the keys that the gateway checks tokens with, where it comes as a file.
    pub keys: Option<String>,
    /// Whether those keys are made from the shared secret.
    pub keys_from_tokens: bool,
    /// Services with a user at the broker.
    pub broker_users: Vec<ComposeUser>,
    /// Services with a user at the cache.
    pub cache_users: Vec<CacheUser>,
    /// Variables that whoever deploys gives.
    pub given: Vec<String>,
    /// Where the pages of those who watch are published.
    pub pages: Pages,
}

/// The ports on which the pages of those who watch are published: the usual ones, or the next ones that the architecture does not use itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pages {
    /// Prometheus.
    pub prometheus: u16,
    /// Alertmanager.
    pub alertmanager: u16,
    /// Traces.
    pub traces: u16,
}

/// A user whose password goes into a file with those of others.
#[derive(Debug, Clone, Serialize)]
pub struct ComposeUser {
    /// Its name.
    pub name: String,
    /// The variable with its password.
    pub variable: String,
}

/// A user of the cache.
#[derive(Debug, Clone, Serialize)]
pub struct CacheUser {
    /// Its name.
    pub name: String,
    /// What its keys and channels begin with: the service's name, as written.
    pub prefix: String,
}

/// A service.
#[derive(Debug, Clone, Serialize)]
pub struct ComposeService {
    /// Its name.
    pub name: String,
    /// Its image, without the tag.
    pub image: String,
    /// What it says of itself, as YAML has it.
    pub environment: Vec<Setting>,
    /// The names of its secrets.
    pub secrets: Vec<String>,
    /// Whom it waits for until they are well.
    pub after: Vec<String>,
    /// Its networks.
    pub networks: Vec<String>,
    /// How many copies.
    pub replicas: u32,
    /// What it may take and what it is promised.
    pub resources: Resources,
    /// The volume with its data, where that lies in a file.
    pub volume: Option<String>,
    /// Its database server, where it has one of its own.
    pub database: Option<Database>,
}

/// What a service may take and what it is promised.
#[derive(Debug, Clone, Serialize)]
pub struct Resources {
    /// CPUs at most.
    pub most_cpus: String,
    /// CPUs promised.
    pub cpus: String,
    /// Mebibytes at most.
    pub most_memory: u64,
    /// Mebibytes promised.
    pub memory: u64,
}

/// A database server.
#[derive(Debug, Clone, Serialize)]
pub struct Database {
    /// Its host.
    pub host: String,
    /// The database, as YAML has it.
    pub database: String,
    /// Who logs in, as YAML has it.
    pub user: String,
    /// The name of the secret with their password.
    pub secret: String,
    /// The name of the secret with the administrator's.
    pub administrator: String,
    /// Connections at most.
    pub connections: u32,
    /// Its networks.
    pub networks: Vec<String>,
}

/// Plans what compose runs.
#[must_use]
pub fn compose(deployment: &Deployment, plans: &[ServicePlan]) -> Compose {
    let networks = networks(deployment);
    let mut member: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for network in &networks {
        for name in &network.members {
            member
                .entry(name.clone())
                .or_default()
                .push(network.name.clone());
        }
    }
    let workloads = &deployment.workloads;
    let secrets = secrets::files(deployment);
    let proxy = deployment.proxy.as_ref();
    let keys = proxy.and_then(|proxy| proxy.keys.as_ref());
    let keys = keys.and_then(|keys| secrets.iter().find(|file| file.name == keys.name));
    let given: BTreeSet<&String> = workloads
        .iter()
        .flat_map(|workload| &workload.given)
        .collect();
    let services: Vec<ComposeService> = workloads
        .iter()
        .map(|workload| service(deployment, &member, workload))
        .collect();
    Compose {
        project: deployment.system.clone(),
        volumes: volumes(&services),
        broker_users: workloads
            .iter()
            .filter(|workload| workload.talks())
            .map(|workload| ComposeUser {
                name: workload.name.clone(),
                variable: workload.screaming.clone(),
            })
            .collect(),
        cache_users: cache_users(deployment, plans),
        given: given.into_iter().cloned().collect(),
        pages: pages(deployment),
        services,
        networks,
        member,
        keys: keys.map(|keys| keys.name.clone()),
        keys_from_tokens: keys.is_some_and(|keys| keys.origin == Origin::Derived),
        secrets,
    }
}

/// Services are published by no compose file, but a local run beside it has them on the same machine.
fn pages(deployment: &Deployment) -> Pages {
    let services = deployment.workloads.iter().map(|workload| workload.port);
    let mut taken: BTreeSet<u16> = services.chain(deployment.gateway).collect();
    let mut free = |usual: u16| {
        let mut from_there = usual..=u16::MAX;
        from_there.find(|port| taken.insert(*port)).unwrap_or(usual)
    };
    Pages {
        prometheus: free(9090),
        alertmanager: free(9093),
        traces: free(16686),
    }
}

fn cache_users(deployment: &Deployment, plans: &[ServicePlan]) -> Vec<CacheUser> {
    let caching: BTreeSet<&str> = deployment
        .workloads
        .iter()
        .filter(|workload| workload.cache)
        .map(|workload| workload.name.as_str())
        .collect();
    plans
        .iter()
        .filter(|plan| caching.contains(plan.krate.as_str()))
        .map(|plan| CacheUser {
            name: plan.krate.clone(),
            prefix: plan.name.clone(),
        })
        .collect()
}

fn volumes(services: &[ComposeService]) -> Vec<String> {
    let databases = services
        .iter()
        .filter_map(|service| service.database.as_ref());
    let files = services.iter().filter_map(|service| service.volume.clone());
    let all: BTreeSet<String> = databases
        .map(|database| database.host.clone())
        .chain(files)
        .collect();
    all.into_iter().collect()
}

fn service(
    deployment: &Deployment,
    member: &BTreeMap<String, Vec<String>>,
    workload: &Workload,
) -> ComposeService {
    let of = |name: &str| member.get(name).cloned().unwrap_or_default();
    let database = database(workload, of);
    let mut after: Vec<String> = database
        .iter()
        .map(|database| database.host.clone())
        .collect();
    after.extend(workload.talks().then(|| host::BROKER.to_owned()));
    after.extend(workload.starts_after.iter().cloned());
    ComposeService {
        name: workload.name.clone(),
        image: format!("{}{}", deployment.registry, workload.name),
        environment: environment(workload),
        secrets: workload
            .secrets
            .iter()
            .map(|secret| secret.name.clone())
            .collect(),
        after,
        networks: of(&workload.name),
        replicas: workload.replicas,
        resources: resources(workload),
        volume: matches!(workload.keep, Keep::File).then(|| format!("{}-data", workload.name)),
        database,
    }
}

/// Settings, where secrets lie, and variables that are passed on from whoever deploys.
fn environment(workload: &Workload) -> Vec<Setting> {
    let settings = workload.settings.iter().map(|setting| Setting {
        variable: setting.variable.clone(),
        value: with_variables(&setting.value),
    });
    let secrets = workload.secrets.iter().map(|secret| Setting {
        variable: secret.variable.clone(),
        value: quoted(&secret.path),
    });
    let given = workload.given.iter().map(|variable| Setting {
        variable: variable.clone(),
        value: with_variables(&format!("${{{variable}}}")),
    });
    settings.chain(secrets).chain(given).collect()
}

/// A text in which variables stand for what whoever deploys gives; compose starts nothing without them.
fn with_variables(text: &str) -> String {
    let mut parts = text.split("${");
    let mut spelt = parts.next().unwrap_or_default().replace('$', "$$");
    for part in parts {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        match part.split_once('}') {
            Some((name, rest)) if !name.is_empty() && name.chars().all(word) => {
                let rest = rest.replace('$', "$$");
                spelt.push_str(&format!("${{{name}:?the architecture names it}}{rest}"));
            }
            _ => spelt.push_str(&format!("$${{{}", part.replace('$', "$$"))),
        }
    }
    serde_json::Value::from(spelt).to_string()
}

/// A text in double quotes, as YAML and JSON have it, with nothing that compose would replace.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text.replace('$', "$$")).to_string()
}

/// Twice what is asked for is the most, but a whole CPU at least: a start needs more than the day.
fn resources(workload: &Workload) -> Resources {
    let cpus = millicpus(&workload.cpu).unwrap_or(100);
    let memory = mebibytes(&workload.memory).unwrap_or(128);
    Resources {
        most_cpus: decimal((2 * cpus).max(1000)),
        cpus: decimal(cpus),
        most_memory: 2 * memory,
        memory,
    }
}

fn decimal(thousandths: u64) -> String {
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

fn database(workload: &Workload, of: impl Fn(&str) -> Vec<String>) -> Option<Database> {
    let Keep::Postgres {
        host,
        given: false,
        database,
        user,
        ..
    } = &workload.keep
    else {
        return None;
    };
    let key = format!("{}__DATABASE__PASSWORD_FILE", workload.screaming);
    let secret = workload
        .secrets
        .iter()
        .find(|secret| secret.variable == key)?;
    Some(Database {
        host: host.clone(),
        database: quoted(database),
        user: quoted(user),
        secret: secret.name.clone(),
        administrator: secrets::administrator(&workload.name),
        // Twice, so that a new version can start before the old one has gone.
        connections: 2 * workload.replicas * CONNECTIONS + MORE_CONNECTIONS,
        networks: of(host),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_asked_for_and_everything_else_stays_a_text() {
        let spelt = |text| with_variables(text);
        assert_eq!(spelt("a$b"), "\"a$$b\"");
        assert_eq!(
            spelt("https://${HOST}:99/$x"),
            "\"https://${HOST:?the architecture names it}:99/$$x\""
        );
        assert_eq!(spelt("${a-b}${"), "\"$${a-b}$${\"");
    }
}
