//! Services, teams and what is not ours.

use super::arena::{
    AggregateId, CacheId, CallId, ConsumerId, EndpointId, EntityId, ExternalId, ServiceId, StoreId,
    TeamId,
};
use super::name::Name;
use super::types::Fields;
use crate::syntax::source::{Span, Spanned};

/// A team.
#[derive(Debug, Clone)]
pub struct Team {
    /// Its name.
    pub name: Name,
    /// How many people.
    pub size: Option<Spanned<u32>>,
    /// What it does.
    pub description: Option<String>,
    /// How to reach it.
    pub contact: Option<String>,
}

/// A service: a boundary with data, operations and an owner.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its name: the identity used everywhere.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// What it is for.
    pub description: Option<String>,
    /// Business domain.
    pub domain: Option<Spanned<String>>,
    /// Part of the domain.
    pub subdomain: Option<Spanned<String>>,
    /// Bounded context (Evans, Domain-Driven Design).
    pub bounded_context: Option<Spanned<String>>,
    /// What it can do for the business.
    pub capabilities: Vec<Spanned<String>>,
    /// Who owns it, as written.
    pub team_name: Option<Spanned<String>>,
    /// Who owns it.
    pub team: Option<TeamId>,
    /// Data that it owns.
    pub entities: Vec<EntityId>,
    /// Where its data lies.
    pub stores: Vec<StoreId>,
    /// Its public operations.
    pub endpoints: Vec<EndpointId>,
    /// The calls that it makes.
    pub calls: Vec<CallId>,
    /// How many more it makes to somebody who is not declared.
    pub lost_calls: usize,
    /// How many of its operations could not be read.
    pub lost_endpoints: usize,
    /// How many of its aggregates could not be read.
    pub lost_aggregates: usize,
    /// Its event-sourced aggregates.
    pub aggregates: Vec<AggregateId>,
    /// Events that it receives.
    pub consumers: Vec<ConsumerId>,
    /// Its caches.
    pub caches: Vec<CacheId>,
    /// The port that it listens on where it is deployed.
    pub port: u16,
    /// Where the file names the port.
    pub port_span: Option<Span>,
    /// Whether the gateway leaves it alone.
    pub internal: bool,
    /// How many copies run where it is deployed, where the file says so.
    pub replicas: Option<u32>,
    /// Its availability alone, 0 to 1.
    pub availability: Option<f64>,
    /// Lines of code as counted elsewhere.
    pub loc: Option<Spanned<u64>>,
    /// Where the file says that its events leave without an outbox.
    pub without_outbox: Option<Span>,
    /// CPU asked for, as Kubernetes writes it.
    pub cpu: Option<String>,
    /// Memory asked for, as Kubernetes writes it.
    pub memory: Option<String>,
    /// Services that it waits for when it starts.
    pub starts_after: Vec<Spanned<ServiceId>>,
    /// Libraries with domain types that it shares.
    pub libraries: Vec<Spanned<String>>,
    /// What it is released together with.
    pub release_unit: Option<Spanned<String>>,
    /// Tables of others that it touches.
    pub access: Vec<TableAccess>,
    /// What it was called before.
    pub renamed_from: Option<Name>,
}

/// Direct access to a table, as stated in the file.
#[derive(Debug, Clone)]
pub struct TableAccess {
    /// Where it is stated.
    pub span: Span,
    /// The service named as the table's owner, if one is.
    pub service: Option<ServiceId>,
    /// The database, if one is named.
    pub database: Option<String>,
    /// The table.
    pub table: Spanned<String>,
    /// Whether it writes.
    pub writes: bool,
}

/// A system that is not ours.
#[derive(Debug, Clone)]
pub struct External {
    /// Its name.
    pub name: Name,
    /// What it does.
    pub description: Option<String>,
    /// Where it is reached.
    pub url: Option<Spanned<String>>,
    /// Its availability, 0 to 1.
    pub availability: Option<f64>,
    /// Operations that we use.
    pub endpoints: Vec<EndpointId>,
}

/// Who owns an endpoint or is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// One of our services.
    Service(ServiceId),
    /// A system that is not ours.
    External(ExternalId),
}

/// Data that a service owns: a table or a collection.
#[derive(Debug, Clone)]
pub struct Entity {
    /// Its name.
    pub name: Name,
    /// Its owner.
    pub service: ServiceId,
    /// What it holds.
    pub description: Option<String>,
    /// Its fields; none where only a name was given: the body is free-form JSON then.
    pub fields: Option<Fields>,
    /// The field that names a record for people.
    pub key: Option<Name>,
    /// Whether it is derived from elsewhere.
    pub projection: bool,
    /// What it was called before.
    pub renamed_from: Option<Name>,
}

/// What a store is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoreRole {
    /// The source of truth.
    Primary,
    /// Full-text search, derived.
    Search,
    /// A cache.
    Cache,
    /// Analytical queries.
    Analytics,
    /// Streams of an event-sourced aggregate.
    EventStore,
    /// Sessions.
    Session,
}

/// A data store of a service.
#[derive(Debug, Clone)]
pub struct Store {
    /// Whose.
    pub service: ServiceId,
    /// Where it is declared.
    pub span: Span,
    /// What it is for.
    pub role: StoreRole,
    /// PostgreSQL, MongoDB, ...
    pub engine: Spanned<String>,
    /// The database's name.
    pub database: Option<Spanned<String>>,
    /// The schema in it.
    pub schema: Option<Spanned<String>>,
    /// Where it runs.
    pub host: Option<Spanned<String>>,
    /// Who logs in.
    pub user: Option<Spanned<String>>,
    /// How it is used.
    pub access_pattern: Option<String>,
    /// Its tables or collections; `None` where the file does not say.
    pub tables: Option<Vec<Table>>,
}

/// A kind of database that generated services can talk to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file of the service itself.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
    /// No driver is there for it: the embedded one stands in.
    Other,
}

impl Store {
    /// The driver for it.
    #[must_use]
    pub fn driver(&self) -> Engine {
        match self.engine.to_ascii_lowercase().as_str() {
            "sqlite" => Engine::Sqlite,
            "postgresql" | "postgres" => Engine::Postgres,
            _ => Engine::Other,
        }
    }
}

/// A table or collection of a store.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: Name,
    /// The data that it holds, where its service owns data of this name.
    pub entity: Option<EntityId>,
    /// Whether it is derived from elsewhere.
    pub projection: bool,
    /// Whether it holds nothing of the business (outbox, migrations, ...).
    pub technical: bool,
    /// Column → `table.column` that it refers to.
    pub foreign_keys: Vec<(Spanned<String>, Spanned<String>)>,
}
