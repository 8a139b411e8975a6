//! The drivers that a service is built with: each is a feature of its crate, which stands for the runtime's feature of the same name.

use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::service::{Engine, Store, StoreRole};

/// Data in PostgreSQL.
pub const POSTGRES: &str = "postgres";

/// The features of a service's crate, sorted.
pub fn features(model: &Model, service: ServiceId) -> Vec<&'static str> {
    let mut features = Vec::new();
    if primary(model, service).is_some_and(|store| store.driver() == Engine::Postgres) {
        features.push(POSTGRES);
    }
    features.sort_unstable();
    features
}

/// The schema of a service's tables.
pub fn schema(model: &Model, service: ServiceId) -> String {
    let declared = primary(model, service).and_then(|store| store.schema.as_ref());
    declared.map_or_else(|| "public".to_owned(), |schema| schema.value.clone())
}

fn primary(model: &Model, service: ServiceId) -> Option<&Store> {
    model
        .stores
        .iter()
        .find(|store| store.service == service && store.role == StoreRole::Primary)
}
