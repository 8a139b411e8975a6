//! Caches of a service's own data: what is kept, for how long, and what empties them.

use std::time::Duration;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::operation::duration;
use super::parameters::parameters;
use crate::model::Model;
use crate::model::arena::{EntityId, EventId, ServiceId};
use crate::model::endpoint::{Action, Body, Endpoint};
use crate::model::platform::Cache;
use crate::model::service::Party;
use crate::plan::effects::record_struct;
use crate::plan::expr::Bindings;
use crate::plan::rust::{RustType, Scope, string};
use crate::plan::schema::form;
use crate::plan::types::{Place, Types};

/// `caches.rs` of a service.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CachesPlan {
    /// What the file imports.
    pub imports: Scope,
    /// The caches that answer operations.
    pub caches: Vec<CachePlan>,
    /// Whether a cache of the service is declared to be shared by its instances.
    pub shared: bool,
    /// Whether one of those that answer operations is.
    pub shares: bool,
}

/// One cache.
#[derive(Debug, Clone, Serialize)]
pub struct CachePlan {
    /// The field.
    pub field: String,
    /// Its name, as written, spelt.
    pub name: String,
    /// What it keeps, as written.
    pub of: String,
    /// The resource that it keeps, spelt.
    pub value: String,
    /// The record that it follows, spelt.
    pub record: String,
    /// How long, as an expression.
    pub ttl: String,
    /// How long it keeps that there is none, as an expression.
    pub negative_ttl: String,
    /// How many entries.
    pub max_entries: u64,
    /// The level that all instances share.
    pub shared: Option<SharedPlan>,
    /// The events that empty it.
    pub evictions: Vec<EvictionPlan>,
}

/// The level of a cache that all instances share.
#[derive(Debug, Clone, Serialize)]
pub struct SharedPlan {
    /// The version of what is kept, spelt: another one is not read.
    pub schema: String,
    /// How long, as an expression.
    pub ttl: String,
}

/// An event that empties a cache.
#[derive(Debug, Clone, Serialize)]
pub struct EvictionPlan {
    /// The beginning of its name among all consumers; the instance follows.
    pub group: String,
    /// The event's name.
    pub event: String,
    /// The path of the event's type.
    pub path: String,
    /// The field with the key, where the event has one.
    pub key: Option<String>,
    /// Whether that field may be empty.
    pub optional: bool,
}

/// The cache that answers an operation first: a read of one record by nothing but its identifier.
pub fn serving<'m>(model: &'m Model, endpoint: &Endpoint) -> Option<&'m Cache> {
    let cache = &model.caches[endpoint.cache?];
    let reads = matches!(endpoint.action, Action::Read(entity) if entity == cache.entity)
        && matches!(endpoint.response, Body::Entity(entity) if entity == cache.entity)
        && matches!(endpoint.request, Body::None)
        && endpoint.owner == Party::Service(cache.service)
        && parameters(endpoint).len() == 1
        && endpoint.effects.is_empty()
        && endpoint.emits.is_empty()
        && !endpoint.writes;
    (reads && cache.memory.is_some()).then_some(cache)
}

/// The caches of a service.
pub fn caches(types: &Types<'_>, id: ServiceId) -> CachesPlan {
    let lib = types.names.service_lib(id);
    let mut scope = Scope::new(format!("{lib}::caches"));
    scope.define("Caches");
    let service = &types.model.services[id];
    let serves = |cache: &&Cache| {
        service.endpoints.iter().any(|endpoint| {
            serving(types.model, &types.model.endpoints[*endpoint])
                .is_some_and(|found| std::ptr::eq(found, *cache))
        })
    };
    let shared = service
        .caches
        .iter()
        .any(|cache| types.model.caches[*cache].shared.is_some());
    let caches: Vec<CachePlan> = service
        .caches
        .iter()
        .map(|cache| &types.model.caches[*cache])
        .filter(serves)
        .filter_map(|cache| one(types, cache, &mut scope))
        .collect();
    if !caches.is_empty() {
        scope.all([
            "msarch_runtime::cache::Cache",
            "msarch_runtime::cache::CachePolicy",
            "msarch_runtime::storage::Database",
            "msarch_runtime::telemetry::Metrics",
            "std::time::Duration",
            "uuid::Uuid",
        ]);
        if caches.iter().any(|cache| cache.shared.is_some()) {
            scope.import("msarch_runtime::cache::SharedCache");
        }
    }
    CachesPlan {
        imports: scope,
        shares: caches.iter().any(|cache| cache.shared.is_some()),
        caches,
        shared,
    }
}

/// How long each level keeps an answer. Each is filled from the one behind it, so what one adds to an answer's age, those
/// before it have to leave.
struct Times {
    memory: Duration,
    shared: Option<Duration>,
}

impl Times {
    fn of(cache: &Cache) -> Option<Self> {
        let most = cache
            .max_staleness
            .as_ref()
            .map_or(Duration::MAX, |most| most.value);
        Some(Self {
            memory: cache.memory.as_ref()?.ttl.value.min(most),
            shared: cache.shared.as_ref().map(|ttl| ttl.value.min(most)),
        })
    }

    /// How old an answer of the service may be.
    fn oldest(&self) -> Duration {
        // Memory keeps what it has from the shared level no longer than that does.
        self.shared.unwrap_or(self.memory)
    }
}

/// For how long the answers of an operation may be kept outside of the service, as an expression.
pub fn kept(model: &Model, endpoint: &Endpoint, scope: &mut Scope) -> Option<String> {
    let cache = serving(model, endpoint)?;
    let edge = cache.edge.as_ref()?.value;
    let times = Times::of(cache)?;
    let most = cache.max_staleness.as_ref().map(|most| most.value);
    let room = most.map_or(Duration::MAX, |most| most.saturating_sub(times.oldest()));
    let shared = edge.min(room);
    let stale = most.map_or(Duration::ZERO, |_| (room - shared).min(shared));
    let spelt = |time: Duration| match time {
        Duration::ZERO => "Duration::ZERO".to_owned(),
        _ => duration(time),
    };
    let kept = scope.import("msarch_runtime::http::Kept");
    scope.import("std::time::Duration");
    Some(format!(
        "{kept} {{ of: {}, private: {}, shared: {}, stale: {} }}",
        string(model.entities[cache.entity].name.as_str()),
        spelt(times.memory.min(shared)),
        spelt(shared),
        spelt(stale),
    ))
}

/// The version of what is kept of an entity: a digest of all that it consists of.
fn version(model: &Model, entity: EntityId) -> String {
    let digest = Sha256::digest(form(model, entity));
    digest[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn one(types: &Types<'_>, cache: &Cache, scope: &mut Scope) -> Option<CachePlan> {
    let memory = cache.memory.as_ref()?;
    let entity = &types.model.entities[cache.entity];
    let lib = types.names.contract_lib(Party::Service(cache.service));
    let resource = types.names.record(cache.entity).pascal();
    let times = Times::of(cache)?;
    let negative = cache.negative_ttl.map_or_else(
        || "None".to_owned(),
        |ttl| format!("Some({})", duration(ttl)),
    );
    let evictions = cache.invalidate_on.iter();
    Some(CachePlan {
        field: cache.name.identifier(),
        name: string(cache.name.as_str()),
        of: entity.name.as_str().to_owned(),
        value: scope.import(&format!("{lib}::api::{resource}")),
        record: scope.import(&record_struct(&Bindings::new(types), cache.entity)),
        ttl: duration(times.memory),
        negative_ttl: negative,
        max_entries: memory.max_entries,
        shared: times.shared.map(|ttl| SharedPlan {
            schema: string(&version(types.model, cache.entity)),
            ttl: duration(ttl),
        }),
        evictions: evictions
            .flat_map(|event| evicted(types, cache, *event))
            .collect(),
    })
}

/// Each version of an event empties the cache: of the record that it names, or of everything.
fn evicted(types: &Types<'_>, cache: &Cache, id: EventId) -> Vec<EvictionPlan> {
    let event = &types.model.events[id];
    let service = types.names.party(Party::Service(cache.service));
    let named = format!("{}_id", types.names.record(cache.entity).snake());
    let versions = event.versions.iter().enumerate();
    versions
        .map(|(version, declared)| {
            let place = Place {
                owner: "",
                library: "",
            };
            let key = declared
                .schema
                .find(&named)
                .map(|field| (field.name.identifier(), types.field(field, place)))
                .filter(|(_, ty)| *ty.inner() == RustType::Uuid);
            EvictionPlan {
                group: format!(
                    "{service}.{}-{}-v{}",
                    cache.name.kebab(),
                    event.name.kebab(),
                    declared.number
                ),
                event: event.name.as_str().to_owned(),
                path: types.names.event_type(id, version),
                optional: key.as_ref().is_some_and(|(_, ty)| ty.is_option()),
                key: key.map(|(field, _)| field),
            }
        })
        .collect()
}
