//! Which drivers a service compiles in beside the embedded parts: one cargo feature each.

use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::service::{Engine, Party, Store, StoreRole};

/// Data in PostgreSQL.
pub const POSTGRES: &str = "postgres";

/// The features of a service's crate, each of which stands for one of the runtime's; sorted.
pub fn features(model: &Model, service: ServiceId) -> Vec<&'static str> {
    let postgres = primary(model, service).is_some_and(|store| store.driver() == Engine::Postgres);
    let mut caches = model.services[service].caches.iter();
    let shared = caches.any(|cache| model.caches[*cache].shared.is_some());
    let drivers = [
        ("nats", talks(model, service)),
        ("otlp", model.observability.otlp_endpoint.is_some()),
        (POSTGRES, postgres),
        ("redis", shared),
    ];
    let wanted = drivers.into_iter().filter(|(_, wanted)| *wanted);
    wanted.map(|(feature, _)| feature).collect()
}

/// Whether a service sends or receives messages over a broker that is a process of its own.
pub fn talks(model: &Model, id: ServiceId) -> bool {
    let broker = model.broker.as_ref();
    if broker.is_some_and(|broker| broker.kind.eq_ignore_ascii_case("embedded")) {
        return false;
    }
    let service = &model.services[id];
    let mut caches = service.caches.iter();
    let mut sagas = model.sagas.iter();
    !service.consumers.is_empty()
        || caches.any(|cache| !model.caches[*cache].invalidate_on.is_empty())
        || model.events.iter().any(|event| {
            event
                .producers
                .iter()
                .any(|by| by.value == Party::Service(id))
        })
        || sagas.any(|saga| {
            saga.coordinator == Some(id) || saga.steps.iter().any(|step| step.service == Some(id))
        })
}

/// The schema of a service's tables.
pub fn schema(model: &Model, service: ServiceId) -> String {
    let declared = primary(model, service).and_then(|store| store.schema.as_ref());
    declared.map_or_else(|| "public".to_owned(), |schema| schema.value.clone())
}

fn primary(model: &Model, service: ServiceId) -> Option<&Store> {
    let mut stores = model.services[service]
        .stores
        .iter()
        .map(|store| &model.stores[*store]);
    stores.find(|store| store.role == StoreRole::Primary)
}
