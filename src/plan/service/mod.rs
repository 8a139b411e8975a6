//! One service: what its crate holds.

pub mod aggregate;
pub mod assembly;
pub mod cache;
pub mod call;
pub mod consumer;
pub mod declared;
pub mod entity;
pub mod examples;
pub mod metric;
pub mod operation;
pub mod parameters;
pub mod saga;
pub mod step;

use std::time::Duration;

use serde::Serialize;

pub use aggregate::AggregatePlan;
pub use assembly::Assembly;
pub use call::{CALL_TIMEOUT, ClientPlan, ClientsPlan};
pub use consumer::ConsumerPlan;
pub use entity::{ColumnPlan, EntityPlan};
pub use examples::request;
pub use operation::{Facts, OperationPlan, duration};
pub use parameters::{filter_fields, parameters, query_fields};
pub use saga::SagaPlan;
pub use step::StepPlan;

use super::drivers;
use super::migrations::{self, Dialect, History};
use super::renames::former_name;
use super::rust::{plain_sentence, sentence, toml_string};
use super::scenario::{self, Tests};
use super::types::Types;
use crate::model::arena::ServiceId;
use crate::model::name::Name;

/// A service.
#[derive(Debug, Clone, Serialize)]
pub struct ServicePlan {
    /// Its name, as written.
    pub name: String,
    /// Its crate and folder.
    pub krate: String,
    /// Its crate as Rust spells it.
    pub lib: String,
    /// Its name as variables begin with.
    pub screaming: String,
    /// Its name as a type's beginning.
    pub pascal: String,
    /// What it is for, as a sentence.
    pub doc: String,
    /// The same as a string of TOML, for its manifest.
    pub summary: String,
    /// The port that it listens on where it is deployed.
    pub port: u16,
    /// The longest time that any of its operations declares.
    #[serde(skip)]
    pub longest: Option<Duration>,
    /// Its data.
    pub entities: Vec<EntityPlan>,
    /// The history of its tables.
    pub migrations: Vec<MigrationPlan>,
    /// The same on PostgreSQL, where it keeps its data there.
    pub postgres_migrations: Vec<MigrationPlan>,
    /// The schema of its tables in a database, as a literal.
    pub schema: String,
    /// The drivers that it is built with, as features of its crate.
    pub features: Vec<&'static str>,
    /// Its operations.
    pub operations: Vec<OperationPlan>,
    /// Its reactions to events.
    pub consumers: Vec<ConsumerPlan>,
    /// Its event-sourced aggregates.
    pub aggregates: Vec<AggregatePlan>,
    /// The steps of sagas that it takes.
    pub steps: Vec<StepPlan>,
    /// The sagas that it coordinates.
    pub sagas: Vec<SagaPlan>,
    /// Its caches.
    pub caches: cache::CachesPlan,
    /// Metrics of the business.
    pub metrics: metric::MetricsPlan,
    /// The services that it calls.
    pub clients: ClientsPlan,
    /// How it is put together.
    pub assembly: Assembly,
    /// What its tests check.
    pub tests: Tests,
}

/// A step of the history of a service's tables.
#[derive(Debug, Clone, Serialize)]
pub struct MigrationPlan {
    /// Its place in the history.
    pub number: u32,
    /// What it does.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Its statements, where it is new; what was written before is never written again.
    pub sql: Option<String>,
}

/// Plans a service, the history of its tables included; what the user should know of that goes to the notices.
pub fn service(types: &Types<'_>, id: ServiceId, history: &mut History<'_>) -> ServicePlan {
    let declared = &types.model.services[id];
    let otherwise = format!("the service `{}`", declared.name);
    let description = declared.description.as_deref();
    let mut plan = ServicePlan {
        screaming: declared.name.screaming(),
        name: declared.name.as_str().to_owned(),
        krate: declared.name.kebab(),
        lib: types.names.service_lib(id),
        pascal: declared.name.pascal(),
        doc: sentence(description, &otherwise),
        summary: toml_string(&plain_sentence(description, &otherwise)),
        port: declared.port,
        longest: declared
            .endpoints
            .iter()
            .filter_map(|endpoint| types.model.endpoints[*endpoint].timeout.as_ref())
            .map(|timeout| timeout.value)
            .max(),
        entities: declared
            .entities
            .iter()
            .map(|entity| entity::entity(types, *entity))
            .collect(),
        migrations: Vec::new(),
        postgres_migrations: Vec::new(),
        schema: super::rust::string(&drivers::schema(types.model, id)),
        features: drivers::features(types.model, id),
        operations: declared
            .endpoints
            .iter()
            .map(|endpoint| operation::operation(types, id, &types.model.endpoints[*endpoint]))
            .collect(),
        consumers: declared
            .consumers
            .iter()
            .flat_map(|consumer| consumer::consumers(types, &types.model.consumers[*consumer]))
            .collect(),
        aggregates: declared
            .aggregates
            .iter()
            .map(|aggregate| aggregate::aggregate(types, *aggregate))
            .collect(),
        caches: cache::caches(types, id),
        metrics: metric::metrics(types, id),
        steps: step::steps(types, id),
        sagas: saga::sagas(types, id),
        clients: call::clients(types, id),
        assembly: Assembly::default(),
        tests: scenario::tests(types, id),
    };
    let former = former_name(types.model, declared).map(Name::kebab);
    let wanted = |dialect| migrations::schema(types.model, id, &plan.entities, dialect);
    let (embedded, postgres) = (wanted(Dialect::Sqlite), wanted(Dialect::Postgres));
    plan.migrations = history.of(&plan.krate, former.as_deref(), &embedded);
    if plan.features.contains(&drivers::POSTGRES) {
        plan.postgres_migrations = history.on_postgres(&plan.krate, former.as_deref(), &postgres);
    }
    plan.assembly = assembly::assemble(types.model, &plan);
    plan
}
