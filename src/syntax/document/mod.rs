//! The words of the file format: one record per thing, written once for decoder, editor schema and documentation.
//! The format's own account of a key is its doc comment here.

mod data;
mod event;
mod forms;
mod gateway;
mod platform;
mod policy;
mod read;
mod rules;
mod saga;
mod servers;
mod service;
mod texts;

pub use data::{Entity, FieldDecl, FieldRecord, FieldsDecl, Store, StoreRole, StoresItem, Table};
pub use event::{
    Compatibility, Consumer, Delivery, Effect, Emission, Event, EventVersion, Runs, RunsRecord,
};
pub use forms::{Bindings, NameOr, Values};
pub use gateway::{
    Algorithm, Authentication, AuthenticationType, Cors, Gateway, LimitKey, Middleware,
    MiddlewareType, Monitoring, RateLimit, RateLimitStrategy, Route, RouteKeyWord, RouteMethod,
};
pub use platform::{
    Broker, BrokerDelivery, Cache, CacheLevel, Canary, ConnectionPool, CustomMetric, Deployment,
    DeploymentTarget, EventStore, Health, Labels, LogLevel, Logging, Mesh, MeshProvider,
    MeshRetries, MeshService, MetricType, Metrics, MutualTls, Observability, OutlierDetection, Slo,
    Tracing, TracingExporter,
};
pub use policy::{Bulkhead, CircuitBreaker, Resilience, Retry};
pub use read::{read, schema};
pub use rules::{LevelOverride, LevelWord, RuleRecord, RuleSetting, Rules};
pub use saga::{
    Compensation, CompensationRecord, ListedCompensation, Outcome, OutcomeRecord, Saga, Step,
    StepKindWord,
};
pub use service::{
    Access, AccessMode, ActionWord, Aggregate, AggregateCommand, AggregateEvent, Call, Dependency,
    EffectWord, Endpoint, External, IdempotencyWord, MethodWord, Resources, Service, Team,
};
pub use texts::HeaderName;

use indexmap::IndexMap;

use super::decode::{Cx, Int, Named, OneOrMany, record};
use super::source::Spanned;
use super::yaml::Node;

record! {
    /// A microservice architecture: services, data, calls, events, sagas, and what they run on.
    #[check(distinct)]
    #[parts(true)]
    pub struct Document {
        /// Version of this file format. The main file must say it.
        #[required(true)]
        msarch: Option<Spanned<Int>>,
        /// Name of the system: kebab-case, at most 40 characters.
        #[required(true)]
        name: Option<Spanned<String>>,
        /// What the system is for.
        description: Option<String>,
        /// Further files, by path or glob relative to this file. Every other top-level key may stand in any of them.
        include: OneOrMany<Spanned<String>>,
        /// The sizing principles of the team, in words. The numbers that are checked are settings of `rules`.
        service_sizing_principles: Option<SizingPrinciples>,
        /// Teams by name.
        teams: Named<Team>,
        /// Named types: fields, an enum (`a | b`), or raw JSON Schema.
        types: IndexMap<Spanned<String>, FieldsDecl>,
        /// Systems that are not ours, by name.
        externals: Named<External>,
        /// Services by name. The name is the identity used by events, sagas, routes, calls and stores.
        services: Named<Service>,
        /// Data stores by service.
        data_management: IndexMap<Spanned<String>, Store>,
        /// Events by name.
        #[also("event_schemas")]
        events: Named<Event>,
        /// Sagas by name.
        #[also("saga_patterns")]
        sagas: Named<Saga>,
        /// The API gateway.
        #[also("api_gateway")]
        gateway: Option<Gateway>,
        /// The service mesh.
        mesh: Option<Mesh>,
        /// Resilience policies by name; `default` applies where a call names none.
        resilience: Option<Resilience>,
        /// Caches by name.
        caches: Named<Cache>,
        /// Traces, metrics, logs, health.
        observability: Option<Observability>,
        /// The message broker.
        message_broker: Option<Broker>,
        /// Where streams of event-sourced aggregates are kept.
        event_store: Option<EventStore>,
        /// Where and how the system is deployed.
        deployment: Option<Deployment>,
        /// Levels, thresholds and exceptions of rules, by rule; and `overrides` for some services or files.
        rules: Rules,
    }
}

/// Names that stand twice among things of one kind. Events may: each gives a version.
fn distinct(document: &Document, cx: &mut Cx) {
    document.teams.report_duplicates("teams", cx);
    document.externals.report_duplicates("external systems", cx);
    document.services.report_duplicates("services", cx);
    document.sagas.report_duplicates("sagas", cx);
    document.caches.report_duplicates("caches", cx);
}

record! {
    /// The sizing principles of a team, in its own words.
    pub struct SizingPrinciples {
        /// How large a team is.
        team_size_rule: Option<String>,
        /// How many databases a service has.
        database_rule: Option<String>,
        /// What is deployed together.
        deployment_independence: Option<String>,
        /// What a service is for.
        business_capability: Option<String>,
        /// How large a service is, in words per size.
        code_size: IndexMap<Spanned<String>, Node>,
        /// How large its API is, in words.
        api_surface: IndexMap<Spanned<String>, Node>,
    }
}

#[cfg(test)]
mod tests;
