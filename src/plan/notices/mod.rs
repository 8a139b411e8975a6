//! What stands in for parts that no driver is there for yet: said once per kind of part, when a workspace is generated.

mod deployed;

use std::collections::{BTreeMap, BTreeSet};

use super::envoy::approximations;
use super::istio;
use super::service::cache::serving;
use crate::model::Model;
use crate::model::endpoint::Action;
use crate::model::service::{Engine, Party, Store, StoreRole};

/// What the user should know of the generated workspace.
pub fn notices(model: &Model) -> Vec<String> {
    let mut notices = stores(model);
    notices.extend(broker(model));
    notices.extend(boxed(model));
    notices.extend(unserved(model));
    notices.extend(answered_by_handlers(model));
    notices.extend(idle(model));
    notices.extend(unlimited(model));
    notices.extend(undivided(model));
    notices.extend(unshared(model));
    notices.extend(gateway(model));
    notices.extend(deployed::notices(model));
    notices
}

/// Stores on other engines than the embedded one: the primary ones run on it, others stay empty.
fn stores(model: &Model) -> Vec<String> {
    let mut engines: BTreeMap<&str, [BTreeSet<&str>; 2]> = BTreeMap::new();
    for store in model.stores.iter() {
        let engine = store.engine.value.as_str();
        let further = usize::from(store.role != StoreRole::Primary);
        let driven = match store.driver() {
            Engine::Sqlite => true,
            Engine::Postgres => further == 0,
            Engine::Other => false,
        };
        if !driven {
            let service = model.services[store.service].name.as_str();
            engines.entry(engine).or_default()[further].insert(service);
        }
    }
    let mut notices = Vec::new();
    for (engine, [primary, further]) in engines {
        if !primary.is_empty() {
            notices.push(format!(
                "{engine} has no driver yet: the data of {} is kept in embedded SQLite",
                counted(&primary)
            ));
        }
        if !further.is_empty() {
            notices.push(format!(
                "services use their primary store alone: the further store of {} on {engine} is not used",
                counted(&further)
            ));
        }
    }
    notices
}

fn broker(model: &Model) -> Option<String> {
    let broker = model.broker.as_ref()?;
    let known = ["nats", "embedded"];
    let driven = known
        .iter()
        .any(|kind| broker.kind.eq_ignore_ascii_case(kind));
    (!driven).then(|| {
        format!(
            "{} has no driver yet: events go through the embedded broker, and through NATS where the system is deployed",
            broker.kind
        )
    })
}

/// Services that say that they publish without an outbox: that is judged, and not generated.
fn boxed(model: &Model) -> Option<String> {
    let without = model.services.iter();
    let without = without.filter(|service| service.without_outbox.is_some());
    let names: BTreeSet<&str> = without.map(|service| service.name.as_str()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "`outbox: false` says how a service works that exists: what is generated for {} publishes through an outbox",
            listed(&names)
        )
    })
}

/// What the gateway of the deployed system does otherwise than declared.
fn gateway(model: &Model) -> Vec<String> {
    let told = model.gateway.as_ref();
    let told = told.map_or_else(Vec::new, approximations);
    told.iter()
        .map(|told| format!("at Envoy, {told}"))
        .collect()
}

/// Operations that name a cache which cannot answer for them.
fn unserved(model: &Model) -> Option<String> {
    let named = model.endpoints.iter().filter(|endpoint| {
        endpoint
            .cache
            .is_some_and(|cache| model.caches[cache].memory.is_some())
            && serving(model, endpoint).is_none()
    });
    let named: BTreeSet<&str> = named.map(|endpoint| endpoint.name.as_str()).collect();
    (!named.is_empty()).then(|| {
        format!(
            "a cache answers reads of one record by its identifier alone: {} goes without",
            listed(&named)
        )
    })
}

/// Operations whose answers only their handlers' code can make.
fn answered_by_handlers(model: &Model) -> Option<String> {
    let left = model.endpoints.iter();
    let left = left.filter(|endpoint| endpoint.answer.is_none());
    let named: BTreeSet<&str> = left.map(|endpoint| endpoint.name.as_str()).collect();
    (!named.is_empty()).then(|| {
        format!(
            "the file does not say where all of an answer comes from: the handlers of {} make it, and answer 501 until you write that",
            listed(&named)
        )
    })
}

/// Operations of which the file says nothing but that they are there.
fn idle(model: &Model) -> Option<String> {
    let left = model.endpoints.iter().filter(|endpoint| {
        matches!(endpoint.owner, Party::Service(_))
            && matches!(endpoint.action, Action::Command)
            && endpoint.effects.is_empty()
            && endpoint.emits.is_empty()
            && endpoint.answer.is_some()
    });
    let named: BTreeSet<&str> = left.map(|endpoint| endpoint.name.as_str()).collect();
    (!named.is_empty()).then(|| {
        format!(
            "the file says nothing of the work of {}: the answer is 204 and nothing is done, until you declare `effects` or a `response`, or write the handlers",
            listed(&named)
        )
    })
}

/// What the door of the mesh does not do.
fn unlimited(model: &Model) -> Option<String> {
    let gateway = model.gateway.as_ref()?;
    let routes = &gateway.routes;
    let limited = gateway.rate_limit.is_some() || routes.iter().any(|it| it.rate_limit.is_some());
    (limited && istio::is_wanted(model)).then(|| {
        "Istio's ingress gateway counts nothing by caller: in the mesh, the rate limit needs a service of its own beside it".to_owned()
    })
}

/// Versions of services that the mesh cannot tell apart, because their data lies in a file.
fn undivided(model: &Model) -> Option<String> {
    let mesh = model.mesh.as_ref().filter(|_| istio::is_wanted(model))?;
    let divided = mesh.services.iter().filter(|it| !it.canary.is_empty());
    let names: BTreeSet<&str> = divided
        .map(|policy| &model.services[policy.service])
        .filter(|service| {
            !service
                .stores
                .iter()
                .any(|store| served(&model.stores[*store]))
        })
        .map(|service| service.name.as_str())
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "data in embedded SQLite is for one copy alone: the mesh leads all requests of {} to it, whatever `canary` says",
            listed(&names)
        )
    })
}

/// Whether a store is on a server, which several copies of its service may use.
fn served(store: &Store) -> bool {
    store.role == StoreRole::Primary && store.driver() == Engine::Postgres
}

/// Operations whose answers no edge may keep, although their cache has a level there: they show what only some may see.
fn unshared(model: &Model) -> Option<String> {
    let named = model.endpoints.iter().filter(|endpoint| {
        !endpoint.public && serving(model, endpoint).is_some_and(|cache| cache.edge.is_some())
    });
    let named: BTreeSet<&str> = named.map(|endpoint| endpoint.name.as_str()).collect();
    (!named.is_empty()).then(|| {
        format!(
            "an edge (l3_cache) keeps answers that anybody may see: those of {} are kept by who asks alone, unless it is `public: true`",
            listed(&named)
        )
    })
}

fn listed(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}

/// One name, or how many there are.
fn counted(names: &BTreeSet<&str>) -> String {
    match names.len() {
        1 => listed(names),
        many => format!("{many} services"),
    }
}
