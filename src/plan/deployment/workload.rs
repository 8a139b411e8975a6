//! One service as it runs when it is deployed: how often, with which settings and secrets, and what it reaches.

use std::collections::BTreeSet;

use serde::Serialize;

use super::versions::{Version, versions};
use super::{SECRETS, host, secrets};
use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::service::{Engine, Party, Service, Store, StoreRole};
use crate::plan::drivers;

/// A service as it runs.
#[derive(Debug, Clone, Serialize)]
pub struct Workload {
    /// Its name: its host, its image, its binary, its folder under `services/`.
    pub name: String,
    /// What its variables begin with.
    pub screaming: String,
    /// The port that it listens on.
    pub port: u16,
    /// How many copies run. One alone where its data lies in a file.
    pub replicas: u32,
    /// Whether the file says that one copy runs, so that no other may be added to it.
    pub alone: bool,
    /// Its versions, where the mesh divides requests among several; none in a file, which one copy has for itself.
    pub versions: Vec<Version>,
    /// CPU asked for, as Kubernetes writes it.
    pub cpu: String,
    /// Memory asked for, as Kubernetes writes it.
    pub memory: String,
    /// Where its data is kept.
    pub keep: Keep,
    /// Whether it has a second level of cache.
    pub cache: bool,
    /// Its settings, sorted by variable.
    pub settings: Vec<Setting>,
    /// Its secrets, each as a file, sorted by variable.
    pub secrets: Vec<Secret>,
    /// Variables that addresses in the file name: whoever deploys gives them.
    pub given: Vec<String>,
    /// Services that it calls, sorted.
    pub calls: Vec<String>,
    /// Services that it waits for when it starts, sorted.
    pub starts_after: Vec<String>,
}

impl Workload {
    /// Whether it talks to the broker.
    #[must_use]
    pub fn talks(&self) -> bool {
        let url = format!("{}__BROKER__URL", self.screaming);
        self.settings.iter().any(|setting| setting.variable == url)
    }
}

/// Where a service's data is kept.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Keep {
    /// On a PostgreSQL server.
    Postgres {
        /// The server's host.
        host: String,
        /// Whether the file names the host: a server that somebody else runs.
        given: bool,
        /// The server's port.
        port: u16,
        /// The database.
        database: String,
        /// The schema in it.
        schema: String,
        /// Who logs in.
        user: String,
    },
    /// In a file of its own, on a volume.
    File,
}

impl Keep {
    /// Whether it lies in a file, and so with one copy of the service alone.
    #[must_use]
    pub const fn is_file(&self) -> bool {
        matches!(self, Self::File)
    }
}

/// A setting: a variable of the environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Setting {
    /// The variable.
    pub variable: String,
    /// Its value.
    pub value: String,
}

/// A secret, which a service reads from a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Secret {
    /// The variable that names the file.
    pub variable: String,
    /// The secret's name; the file is called so too.
    pub name: String,
    /// The file.
    pub path: String,
    /// What it is, for people.
    pub purpose: String,
    /// Whether somebody outside gives it, so that no script can make it up.
    pub given: bool,
}

/// Whether services of the system talk by messages.
pub(super) fn messages(model: &Model) -> bool {
    model.services.ids().any(|id| drivers::talks(model, id))
}

/// One service as it runs.
pub(super) fn workload(model: &Model, id: ServiceId) -> Workload {
    let service = &model.services[id];
    let keep = keep(model, service);
    let file = matches!(keep, Keep::File);
    let cache = service
        .caches
        .iter()
        .any(|cache| model.caches[*cache].shared.is_some());
    let mut draft = Draft {
        screaming: service.name.screaming(),
        name: service.name.kebab(),
        settings: Vec::new(),
        secrets: Vec::new(),
    };
    draft.store(&keep);
    if drivers::talks(model, id) {
        draft.broker();
    }
    if cache {
        draft.cache();
    }
    if model.observability.otlp_endpoint.is_some() {
        let collector = format!("http://{}:{}", host::COLLECTOR, host::COLLECTOR_PORT);
        draft.set("TRACES__ENDPOINT", collector);
    }
    draft.tokens(model, service);
    draft.settings.sort();
    draft.secrets.sort();
    let replicas = if file {
        1
    } else {
        service.replicas.unwrap_or(1)
    };
    Workload {
        port: service.port,
        versions: if file {
            Vec::new()
        } else {
            versions(model, id, replicas)
        },
        replicas,
        alone: service.replicas == Some(1),
        cpu: service.cpu.clone().unwrap_or_else(|| "100m".to_owned()),
        memory: service.memory.clone().unwrap_or_else(|| "128Mi".to_owned()),
        keep,
        cache,
        given: given(model, service),
        calls: calls(model, service),
        starts_after: starts_after(model, service),
        name: draft.name,
        screaming: draft.screaming,
        settings: draft.settings,
        secrets: draft.secrets,
    }
}

/// Where a service's data is kept: on the server of its primary store where there is a driver for it, else in a file.
fn keep(model: &Model, service: &Service) -> Keep {
    let mut stores = service.stores.iter().map(|store| &model.stores[*store]);
    let primary = stores.find(|store| store.role == StoreRole::Primary);
    match primary.filter(|store| store.driver() == Engine::Postgres) {
        Some(store) => server(service, store),
        None => Keep::File,
    }
}

fn server(service: &Service, store: &Store) -> Keep {
    let written = |text: &Option<crate::syntax::source::Spanned<String>>| {
        text.as_ref().map(|text| text.value.clone())
    };
    let named = written(&store.host);
    let given = named.is_some();
    let named = named.unwrap_or_else(|| format!("{}-db", service.name.kebab()));
    let (host, port) = match named.rsplit_once(':') {
        Some((host, port)) => (host.to_owned(), port.parse().unwrap_or(host::POSTGRES_PORT)),
        None => (named, host::POSTGRES_PORT),
    };
    let own = || service.name.snake().to_owned();
    Keep::Postgres {
        host,
        given,
        port,
        database: written(&store.database).unwrap_or_else(own),
        schema: written(&store.schema).unwrap_or_else(|| "public".to_owned()),
        user: written(&store.user).unwrap_or_else(own),
    }
}

/// Variables that the addresses of called systems name, sorted.
fn given(model: &Model, service: &Service) -> Vec<String> {
    let mut names = BTreeSet::new();
    for call in &service.calls {
        if let Party::External(external) = model.calls[*call].to {
            let url = model.address(external);
            let parts = url.split("${").skip(1);
            names.extend(parts.filter_map(|part| Some(part.split_once('}')?.0.to_owned())));
        }
    }
    names.into_iter().collect()
}

fn calls(model: &Model, service: &Service) -> Vec<String> {
    let called = service.calls.iter().map(|call| model.calls[*call].to);
    let names: BTreeSet<String> = called
        .filter(|party| matches!(party, Party::Service(_)))
        .map(|party| model.name_of(party).kebab())
        .collect();
    names.into_iter().collect()
}

fn starts_after(model: &Model, service: &Service) -> Vec<String> {
    let names = service.starts_after.iter();
    let names: BTreeSet<String> = names
        .map(|other| model.services[other.value].name.kebab())
        .collect();
    names.into_iter().collect()
}

struct Draft {
    name: String,
    screaming: String,
    settings: Vec<Setting>,
    secrets: Vec<Secret>,
}

impl Draft {
    fn set(&mut self, key: &str, value: String) {
        self.settings.push(Setting {
            variable: format!("{}__{key}", self.screaming),
            value,
        });
    }

    fn secret(&mut self, key: &str, name: String, purpose: String, given: bool) {
        self.secrets.push(Secret {
            variable: format!("{}__{key}_FILE", self.screaming),
            path: format!("{SECRETS}/{name}"),
            name,
            purpose,
            given,
        });
    }

    fn store(&mut self, keep: &Keep) {
        let Keep::Postgres {
            host,
            given,
            port,
            database,
            user,
            ..
        } = keep
        else {
            return;
        };
        self.set(
            "DATABASE__URL",
            format!("postgres://{user}@{host}:{port}/{database}"),
        );
        let purpose = format!("password of `{user}` at {host}");
        self.secret(
            "DATABASE__PASSWORD",
            format!("{}-database", self.name),
            purpose,
            *given,
        );
    }

    fn broker(&mut self) {
        self.set(
            "BROKER__URL",
            format!("nats://{}:{}", host::BROKER, host::BROKER_PORT),
        );
        self.set("BROKER__USER", self.name.clone());
        let purpose = format!("password of `{}` at the broker", self.name);
        self.secret(
            "BROKER__PASSWORD",
            format!("{}-broker", self.name),
            purpose,
            false,
        );
    }

    fn cache(&mut self) {
        self.set(
            "CACHE__URL",
            format!("redis://{}:{}", host::CACHE, host::CACHE_PORT),
        );
        self.set("CACHE__USER", self.name.clone());
        let purpose = format!("password of `{}` at the cache", self.name);
        self.secret(
            "CACHE__PASSWORD",
            format!("{}-cache", self.name),
            purpose,
            false,
        );
    }

    /// What tokens are checked with, and what calls are made with that nobody asked for.
    fn tokens(&mut self, model: &Model, service: &Service) {
        let Some(declared) = model.authentication() else {
            return self.external_tokens(model, service);
        };
        if declared.jwks.is_none() {
            let purpose = "shared secret that tokens are signed with".to_owned();
            self.secret("AUTH__SECRET", secrets::TOKENS.to_owned(), purpose, true);
        }
        let called = service.calls.iter().map(|call| &model.calls[*call]);
        let ours = called
            .filter(|call| matches!(call.to, Party::Service(_)))
            .flat_map(|call| &call.operations);
        if ours
            .into_iter()
            .any(|endpoint| !model.endpoints[*endpoint].public)
        {
            let purpose = format!(
                "token that `{}` calls others with when nobody asked it to",
                self.name
            );
            self.secret("AUTH__TOKEN", format!("{}-token", self.name), purpose, true);
        }
        self.external_tokens(model, service);
    }

    fn external_tokens(&mut self, model: &Model, service: &Service) {
        let called: BTreeSet<_> = service
            .calls
            .iter()
            .map(|call| model.calls[*call].to)
            .collect();
        for party in called {
            if let Party::External(id) = party {
                let external = &model.externals[id].name;
                let key = format!("CALLS__{}__TOKEN", external.screaming());
                let purpose = format!("token that `{}` calls {external} with", self.name);
                // Apart from its own passwords, whatever the other is called: `broker`, say.
                let name = format!("{}-calls-{}", self.name, external.kebab());
                self.secret(&key, name, purpose, true);
            }
        }
    }
}
