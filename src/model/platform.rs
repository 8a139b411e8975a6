//! What the system runs on: mesh, caches, observability, broker, deployment.

use std::time::Duration;

use super::arena::{EntityId, EventId, ServiceId};
use super::effect::Path;
use super::name::Name;
use crate::syntax::document::MutualTls;
use crate::syntax::source::{Span, Spanned};
use crate::syntax::yaml::Node;

/// The service mesh.
#[derive(Debug, Clone)]
pub struct Mesh {
    /// Where it is declared.
    pub span: Span,
    /// Whether Istio is what runs it: then its manifests are generated.
    pub istio: bool,
    /// How services prove who they are to each other, where the file says so; plain text is refused where it does not.
    pub mtls: Option<Spanned<MutualTls>>,
    /// Kubernetes namespace.
    pub namespace: Option<Spanned<String>>,
    /// Traffic policy by service.
    pub services: Vec<MeshService>,
    /// Raw manifests, word for word.
    pub manifests: Vec<Node>,
}

impl Mesh {
    /// Whether plain text is refused between services.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.mtls
            .as_ref()
            .is_none_or(|mtls| mtls.value == MutualTls::Strict)
    }
}

/// Traffic policy of one service.
#[derive(Debug, Clone)]
pub struct MeshService {
    /// Whose.
    pub service: ServiceId,
    /// Where it is declared.
    pub span: Span,
    /// How long a request may take, tries included.
    pub timeout: Option<Spanned<Duration>>,
    /// Tries after the first, and how long each may take.
    pub retries: Option<MeshRetries>,
    /// Version → share of the traffic.
    pub canary: Vec<(Spanned<String>, Spanned<u32>)>,
    /// When a replica is taken out.
    pub outlier_detection: Option<OutlierDetection>,
    /// How many connections and requests.
    pub connection_pool: Option<ConnectionPool>,
}

/// Retries of the mesh.
#[derive(Debug, Clone)]
pub struct MeshRetries {
    /// Where they are declared.
    pub span: Span,
    /// Tries after the first.
    pub attempts: u32,
    /// How long each may take.
    pub per_try_timeout: Option<Spanned<Duration>>,
    /// Conditions, as Envoy names them.
    pub retry_on: Option<String>,
}

/// When a replica is taken out.
#[derive(Debug, Clone)]
pub struct OutlierDetection {
    /// Where it is declared.
    pub span: Span,
    /// 5xx answers in a row.
    pub consecutive_errors: u32,
    /// How often it is looked at.
    pub interval: Duration,
    /// How long it stays out at first.
    pub base_ejection_time: Duration,
    /// Share of replicas that may be out.
    pub max_ejection_percent: u32,
}

/// How many connections and requests.
#[derive(Debug, Clone)]
pub struct ConnectionPool {
    /// TCP connections.
    pub max_connections: Option<u32>,
    /// Requests that wait.
    pub max_pending_requests: Option<u32>,
    /// Requests on one connection.
    pub max_requests_per_connection: Option<u32>,
}

/// A cache of owned data.
#[derive(Debug, Clone)]
pub struct Cache {
    /// Its name.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// Whose.
    pub service: ServiceId,
    /// Of what.
    pub entity: EntityId,
    /// In memory.
    pub memory: Option<MemoryLevel>,
    /// In Redis.
    pub shared: Option<Spanned<Duration>>,
    /// At the edge.
    pub edge: Option<Spanned<Duration>>,
    /// How long an absence is remembered.
    pub negative_ttl: Option<Duration>,
    /// How old an answer may be.
    pub max_staleness: Option<Spanned<Duration>>,
    /// Events that empty it.
    pub invalidate_on: Vec<EventId>,
}

/// The level in memory.
#[derive(Debug, Clone)]
pub struct MemoryLevel {
    /// How long an entry lives.
    pub ttl: Spanned<Duration>,
    /// How many entries.
    pub max_entries: u64,
}

/// What is seen of the running system.
#[derive(Debug, Clone)]
pub struct Observability {
    /// OTLP endpoint, where traces are exported.
    pub otlp_endpoint: Option<String>,
    /// Where the file names that endpoint.
    pub otlp_span: Option<Span>,
    /// Where the file says that no trace leaves: by its exporter, or by the share that is kept.
    pub untraced: Option<Span>,
    /// Share of traces kept, 0 to 1.
    pub sample_ratio: f64,
    /// Buckets of `http_request_duration_seconds`, in seconds.
    pub buckets: Vec<f64>,
    /// Where the file lists them.
    pub buckets_span: Option<Span>,
    /// Metrics of the business.
    pub metrics: Vec<Metric>,
    /// What is promised.
    pub objectives: Vec<Objective>,
    /// Level of the logs.
    pub log_level: String,
    /// Header that carries the correlation id.
    pub correlation_header: String,
    /// Where the file names that header.
    pub correlation_span: Option<Span>,
}

/// A kind of metric (Prometheus).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "Prometheus documents them")]
pub enum MetricKind {
    Counter,
    Histogram,
    Gauge,
}

/// A metric of the business.
#[derive(Debug, Clone)]
pub struct Metric {
    /// Its name.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// What kind.
    pub kind: MetricKind,
    /// What it says.
    pub help: String,
    /// Services that expose it.
    pub services: Vec<ServiceId>,
    /// Labels, each with its values where the file lists them.
    pub labels: Vec<MetricLabel>,
    /// Buckets of a histogram.
    pub buckets: Vec<f64>,
    /// What moves it.
    pub on: Option<MetricSource>,
    /// What is added or observed; 1 where the file does not say.
    pub value: Option<Path>,
}

/// A label of a metric.
#[derive(Debug, Clone)]
pub struct MetricLabel {
    /// Its name.
    pub name: Name,
    /// Its values, where the file lists them.
    pub values: Vec<String>,
    /// Where its value comes from; `unknown` stands in where nothing has it.
    pub source: Option<Path>,
}

/// What moves a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricSource {
    /// An operation that succeeded.
    Endpoint(super::arena::EndpointId),
    /// An event, when it is published.
    Event(EventId),
    /// A saga's step, when it is done.
    Step(super::arena::SagaId, usize),
}

/// What an objective is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promised {
    /// An operation.
    Endpoint(super::arena::EndpointId),
    /// A route of the gateway, by its place.
    Route(usize),
}

/// A service level objective.
#[derive(Debug, Clone)]
pub struct Objective {
    /// What it is about, as written.
    pub subject: Spanned<String>,
    /// What it is about.
    pub of: Promised,
    /// Share of requests that succeed, 0 to 1.
    pub availability: Option<Spanned<f64>>,
    /// Time within which 99 of 100 are answered.
    pub latency: Option<Spanned<Duration>>,
}

/// A way to run the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// In one process, here.
    Local,
    /// With compose, on one machine.
    Compose,
    /// On Kubernetes.
    Kubernetes,
}

/// Where and how the system is deployed.
#[derive(Debug, Clone, Default)]
pub struct Deployment {
    /// Where it runs; everywhere where the file does not say.
    pub targets: Vec<Target>,
    /// Kubernetes namespace.
    pub namespace: Option<Spanned<String>>,
    /// Image registry.
    pub registry: Option<String>,
    /// What is released together: unit → services.
    pub units: Vec<(Spanned<String>, Vec<Spanned<ServiceId>>)>,
}

/// The message broker.
#[derive(Debug, Clone)]
pub struct Broker {
    /// NATS, Kafka, RabbitMQ or embedded.
    pub kind: String,
    /// How long messages are kept.
    pub retention: Option<Duration>,
}

/// A duration that the file writes as a number alone.
#[derive(Debug, Clone, Copy)]
pub struct BareDuration {
    /// The key that it stands at.
    pub key: &'static str,
    /// The number.
    pub number: u64,
    /// Whether it is read as seconds; as milliseconds otherwise.
    pub seconds: bool,
    /// Where it is written.
    pub span: Span,
}

/// A value that is a secret, or an address that may carry one.
#[derive(Debug, Clone)]
pub struct Credential {
    /// What it is, in words: `the password of the store of order-service`.
    pub what: String,
    /// What it belongs to: a service, a route, an external.
    pub of: String,
    /// As written.
    pub value: Spanned<String>,
    /// Whether all of it is secret; an address is so in parts only.
    pub whole: bool,
}

impl Default for Observability {
    /// Buckets reach past the seed's 10 s, so that a request of up to a minute falls into one.
    fn default() -> Self {
        Self {
            otlp_endpoint: None,
            otlp_span: None,
            untraced: None,
            sample_ratio: 1.0,
            buckets: vec![
                0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 0.7, 1.0, 3.0, 5.0, 7.0, 10.0, 30.0, 60.0,
            ],
            buckets_span: None,
            metrics: Vec::new(),
            objectives: Vec::new(),
            log_level: "info".to_owned(),
            correlation_header: "x-correlation-id".to_owned(),
            correlation_span: None,
        }
    }
}
