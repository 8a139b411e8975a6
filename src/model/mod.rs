//! The architecture as meant: references resolved to typed ids, defaults applied, values typed.
//!
//! What could not be resolved is kept as a fact ([`Model::unresolved`], [`Model::faults`]) for the rules to report, and left out of every edge,
//! so that one fact yields one finding.

pub mod arena;
pub mod effect;
pub mod endpoint;
pub mod event;
pub mod gateway;
mod limits;
mod lower;
pub mod name;
pub mod pattern;
pub mod platform;
pub mod policy;
pub mod rewrite;
pub mod saga;
pub mod service;
pub mod types;

pub use lower::convert::Conversion;
pub use lower::lower;

use std::collections::BTreeMap;

use arena::{
    AggregateId, Arena, CacheId, CallId, ConsumerId, EndpointId, EntityId, EventId, ExternalId,
    SagaId, ServiceId, StoreId, TeamId, TypeId,
};

use crate::syntax::source::{Span, Spanned};
use crate::syntax::suggestion::Suggestion;

/// The whole architecture.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// The system's name and description.
    pub system: System,
    /// Teams.
    pub teams: Arena<TeamId, service::Team>,
    /// Services.
    pub services: Arena<ServiceId, service::Service>,
    /// Systems that are not ours.
    pub externals: Arena<ExternalId, service::External>,
    /// Named types.
    pub types: Arena<TypeId, types::NamedType>,
    /// Owned data.
    pub entities: Arena<EntityId, service::Entity>,
    /// Data stores.
    pub stores: Arena<StoreId, service::Store>,
    /// Operations.
    pub endpoints: Arena<EndpointId, endpoint::Endpoint>,
    /// Calls.
    pub calls: Arena<CallId, endpoint::Call>,
    /// Event-sourced aggregates.
    pub aggregates: Arena<AggregateId, event::Aggregate>,
    /// Events.
    pub events: Arena<EventId, event::Event>,
    /// Subscriptions.
    pub consumers: Arena<ConsumerId, event::Consumer>,
    /// Sagas.
    pub sagas: Arena<SagaId, saga::Saga>,
    /// Caches.
    pub caches: Arena<CacheId, platform::Cache>,
    /// The gateway.
    pub gateway: Option<gateway::Gateway>,
    /// The mesh.
    pub mesh: Option<platform::Mesh>,
    /// What is seen of the running system.
    pub observability: platform::Observability,
    /// Where it is deployed.
    pub deployment: platform::Deployment,
    /// The message broker.
    pub broker: Option<platform::Broker>,
    /// What keeps the streams of event-sourced aggregates.
    pub event_store: Option<Spanned<String>>,
    /// Where the file says at which address the broker, a cache or the event store is: `message_broker.url`.
    pub addressed: Vec<String>,
    /// Where the alternatives of an enum stand, by the name of its field or type.
    pub alternatives: BTreeMap<Span, Vec<Span>>,
    /// Names that lead nowhere.
    pub unresolved: Vec<Unresolved>,
    /// Where that is declared which names lead to, once for each name.
    pub uses: Vec<Span>,
    /// Everything else that resolution met.
    pub faults: Vec<Fault>,
    /// Durations without a unit.
    pub bare_durations: Vec<platform::BareDuration>,
    /// Values that are secrets, or addresses that may carry one.
    pub credentials: Vec<platform::Credential>,
    /// Levels, limits and exceptions of rules.
    pub rules: Vec<RuleSetting>,
    /// Levels that hold for some services or files.
    pub overrides: Vec<LevelOverride>,
}

impl Model {
    /// How tokens are checked, by the gateway and by every service; without it nobody reads a token.
    #[must_use]
    pub fn authentication(&self) -> Option<&gateway::Authentication> {
        self.gateway.as_ref()?.authentication.as_ref()
    }

    /// The namespace that holds the system in a cluster, and where the file says so.
    #[must_use]
    pub fn namespace(&self) -> Spanned<String> {
        let mesh = self.mesh.as_ref().and_then(|mesh| mesh.namespace.as_ref());
        let named = mesh.or(self.deployment.namespace.as_ref());
        let own = || Spanned::new(self.system.name.kebab(), self.system.name.span());
        named.cloned().unwrap_or_else(own)
    }

    /// The name of a service or of a system that is not ours.
    #[must_use]
    pub fn name_of(&self, party: service::Party) -> &name::Name {
        match party {
            service::Party::Service(service) => &self.services[service].name,
            service::Party::External(external) => &self.externals[external].name,
        }
    }

    /// Where a system that is not ours is reached.
    #[must_use]
    pub fn address(&self, external: ExternalId) -> String {
        let external = &self.externals[external];
        external.url.as_ref().map_or_else(
            || format!("https://{}.example", external.name.kebab()),
            |url| url.value.clone(),
        )
    }

    /// The route at a place in the gateway's list.
    #[must_use]
    pub fn route(&self, index: usize) -> Option<&gateway::Route> {
        self.gateway.as_ref()?.routes.get(index)
    }
}

/// The system as a whole.
#[derive(Debug, Clone, Default)]
pub struct System {
    /// Its name.
    pub name: name::Name,
    /// What it is for.
    pub description: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// A name that leads nowhere.
#[derive(Debug, Clone)]
pub struct Unresolved {
    /// The name as written, and where.
    pub name: Spanned<String>,
    /// What it should name: `service`, `team`, `event`, `field`, ...
    pub expected: &'static str,
    /// Where it stands, in words: `consumer of event OrderCreated`.
    pub role: String,
    /// Names that would have been found, with the places where they are declared as far as their uses are known ([`Model::uses`]).
    pub candidates: Vec<Spanned<String>>,
    /// Who names it, where that cannot have been meant: nobody has to call itself.
    pub not: Option<String>,
}

/// Something that resolution met and a rule reports.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The rule that reports it.
    pub rule: &'static str,
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What this place has to do with it.
    pub label: String,
    /// What to do.
    pub help: String,
    /// What could be written instead, where that needs no judgement.
    pub suggestion: Option<Suggestion>,
    /// Other places that matter.
    pub related: Vec<(Span, String)>,
    /// The names of the things that it is about.
    pub subjects: Vec<String>,
}

/// What the file says of a rule.
#[derive(Debug, Clone)]
pub struct RuleSetting {
    /// The rule.
    pub rule: Spanned<String>,
    /// Its level here.
    pub level: Option<Level>,
    /// Its threshold here.
    pub limit: Option<f64>,
    /// Subjects that it leaves alone.
    pub allow: Vec<Spanned<String>>,
    /// Why.
    pub reason: Option<String>,
}

/// Levels that hold for some services or files.
#[derive(Debug, Clone)]
pub struct LevelOverride {
    /// The services, as written; all where there is none.
    pub services: Vec<Spanned<String>>,
    /// The files, as patterns relative to the file that holds them; all where there is none.
    pub files: Vec<Spanned<String>>,
    /// The levels by rule.
    pub levels: Vec<(Spanned<String>, Level)>,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not reported.
    Off,
    /// Worth knowing.
    Info,
    /// Probably wrong.
    Warn,
    /// Wrong: nothing is generated.
    Error,
}
