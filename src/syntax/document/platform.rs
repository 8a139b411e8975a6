//! What the system runs on: mesh, caches, observability, broker, deployment.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::servers::{BrokerKind, DatabaseKind};
use super::texts::{HeaderName, PlainPath, WebAddress, WithVariables};
use crate::syntax::decode::{
    Bounded, Buckets, Checked, Cx, Decode, Defs, Duration, Named, OneOrMany, Positive, Ratio,
    Seconds, choice, record,
};
use crate::syntax::fault;
use crate::syntax::finding::Finding;
use crate::syntax::source::Spanned;
use crate::syntax::yaml::{Node, Value};

choice! {
    /// A service mesh.
    pub enum MeshProvider {
        /// Istio.
        Istio = "istio",
    }
}

choice! {
    /// How services prove who they are to each other.
    pub enum MutualTls {
        /// Plain text is refused.
        Strict = "STRICT",
        /// Plain text is accepted too.
        Permissive = "PERMISSIVE",
        /// Off.
        Disable = "DISABLE",
    }
}

record! {
    /// The service mesh.
    pub struct Mesh {
        /// istio.
        provider: Option<MeshProvider>,
        /// Mutual TLS between services. Default STRICT.
        mtls: Option<Spanned<MutualTls>>,
        /// Kubernetes namespace, of the system alone. Default the system's name.
        namespace: Option<Spanned<String>>,
        /// Traffic policy by service.
        services: IndexMap<Spanned<String>, MeshService>,
        /// Raw manifests, word for word.
        manifests: Vec<Node>,
    }
}

/// Version → share of the traffic in percent.
pub type Canary = IndexMap<Spanned<String>, Spanned<Bounded<0, 100>>>;

record! {
    /// Traffic policy of one service.
    pub struct MeshService {
        /// How long a request may take, tries included.
        timeout: Option<Spanned<Duration>>,
        /// Tries after the first.
        retries: Option<MeshRetries>,
        /// Version → share of the traffic in percent: `{v1: 90, v2: 10}`.
        canary: Canary,
        /// When a replica is taken out.
        outlier_detection: Option<OutlierDetection>,
        /// How many connections and requests.
        connection_pool: Option<ConnectionPool>,
    }
}

record! {
    /// Retries of the mesh.
    pub struct MeshRetries {
        /// Tries after the first.
        attempts: Bounded<0, 99>,
        /// How long each may take.
        per_try_timeout: Option<Spanned<Duration>>,
        /// Conditions, as Envoy names them.
        retry_on: Option<String>,
    }
}

record! {
    /// When a replica is taken out.
    pub struct OutlierDetection {
        /// 5xx answers in a row. Default 5.
        #[also("consecutive_5xx_errors")]
        consecutive_errors: Option<Bounded<1, 1_000_000>>,
        /// How often it is looked at. Default 10s.
        interval: Option<Duration>,
        /// How long it stays out at first. Default 30s.
        base_ejection_time: Option<Duration>,
        /// Share of replicas that may be out, in percent. Default 50.
        max_ejection_percent: Option<Bounded<0, 100>>,
    }
}

record! {
    /// How many connections and requests.
    pub struct ConnectionPool {
        /// TCP connections.
        max_connections: Option<Bounded<1, 1_000_000>>,
        /// Requests that wait.
        max_pending_requests: Option<Bounded<1, 1_000_000>>,
        /// Requests on one connection.
        max_requests_per_connection: Option<Bounded<1, 1_000_000>>,
    }
}

record! {
    /// A cache of owned data, in up to three levels.
    pub struct Cache {
        /// Whose.
        service: Spanned<String>,
        /// The owned data.
        of: Spanned<String>,
        /// In memory.
        l1_cache: Option<CacheLevel>,
        /// In Redis, shared by all copies of the service.
        l2_cache: Option<CacheLevel>,
        /// At the edge, by HTTP caching.
        l3_cache: Option<CacheLevel>,
        /// How long an absence is remembered; a bare number is seconds.
        negative_ttl: Option<Spanned<Seconds>>,
        /// How old an answer may be; a bare number is seconds.
        max_staleness: Option<Spanned<Seconds>>,
        /// Events that empty it.
        invalidate_on: OneOrMany<Spanned<String>>,
    }
}

record! {
    /// One level of a cache.
    pub struct CacheLevel {
        /// How long an entry lives; a bare number is seconds.
        ttl: Spanned<Checked<Positive<Seconds>>>,
        /// How many entries. Default 10,000.
        max_entries: Option<Bounded<1, 1_000_000_000>>,
        /// A reference to the address: `${REDIS_URL}`.
        url: Option<Spanned<Checked<WithVariables>>>,
    }
}

record! {
    /// What is seen of the running system.
    #[parts(true)]
    pub struct Observability {
        /// Traces.
        tracing: Option<Tracing>,
        /// Metrics.
        metrics: Option<Metrics>,
        /// Logs.
        logging: Option<Logging>,
        /// Health.
        health: Option<Health>,
        /// Objectives by operation (`order-service.place_order`) or route path.
        slo: IndexMap<Spanned<String>, Slo>,
    }
}

choice! {
    /// How traces leave.
    pub enum TracingExporter {
        /// OpenTelemetry protocol.
        Otlp = "otlp",
        /// Not at all.
        None = "none",
    }
}

record! {
    /// Traces.
    #[parts(true)]
    pub struct Tracing {
        /// otlp or none.
        exporter: Option<Spanned<TracingExporter>>,
        /// Where they go.
        endpoint: Option<Spanned<Checked<WebAddress>>>,
        /// Share of traces kept. Default all.
        sample_ratio: Option<Spanned<Ratio>>,
    }
}

record! {
    /// Metrics.
    #[parts(true)]
    pub struct Metrics {
        /// Buckets of http_request_duration_seconds, in seconds, ascending.
        buckets: Option<Spanned<Checked<Buckets>>>,
        /// Metrics of the business, by name.
        custom: Named<CustomMetric>,
    }
}

choice! {
    /// A kind of metric (Prometheus).
    pub enum MetricType {
        /// Only grows.
        Counter = "counter",
        /// A distribution.
        Histogram = "histogram",
        /// Goes up and down.
        Gauge = "gauge",
    }
}

record! {
    /// A metric of the business.
    pub struct CustomMetric {
        /// counter, histogram or gauge.
        r#type = "type": MetricType,
        /// What it says.
        help: Option<String>,
        /// Services that expose it. Default: where it is moved.
        service: OneOrMany<Spanned<String>>,
        /// Labels: names, or name → its values.
        labels: Named<Labels>,
        /// Buckets of a histogram, ascending.
        buckets: Vec<f64>,
        /// What moves it: an operation, a saga's action or an event.
        on: Option<Spanned<String>>,
        /// What is added or observed, as a reference (`$event.amount`). Default 1.
        value: Option<Spanned<String>>,
    }
}

/// The values that a label may have; none where the file does not list them.
#[derive(Debug, Clone, Default)]
pub struct Labels(pub Vec<String>);

impl Decode for Labels {
    const MAY_BE_EMPTY: bool = true;

    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        match &node.value {
            Value::Map(map) if map.entries.is_empty() => Some(Self::default()),
            _ => Vec::decode(node, cx).map(Self),
        }
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn declared(&self) -> Json {
        self.0.declared()
    }

    fn schema(_: &mut Defs) -> Json {
        json!({"type": "array", "items": {"type": "string"}})
    }
}

choice! {
    /// How much is logged: this and all that is graver.
    pub enum LogLevel {
        /// Everything.
        Trace = "trace",
        /// What helps to find faults.
        Debug = "debug",
        /// What happens.
        Info = "info",
        /// What should not happen.
        Warn = "warn",
        /// What fails.
        Error = "error",
    }
}

record! {
    /// Logs.
    pub struct Logging {
        /// trace, debug, info, warn or error. Default info.
        level: Option<LogLevel>,
        /// The header that carries the correlation id, at the gateway and between services. Default x-correlation-id.
        correlation_header: Option<Spanned<Checked<HeaderName>>>,
    }
}

record! {
    /// Health.
    #[check(two_paths)]
    pub struct Health {
        /// Path that says whether the process lives. Default /health/live.
        live: Option<Spanned<Checked<PlainPath>>>,
        /// Path that says whether it can work. Default /health/ready.
        ready: Option<Spanned<Checked<PlainPath>>>,
    }
}

/// One path answers one question.
fn two_paths(health: &Health, cx: &mut Cx) {
    let live = health.live.as_ref().map_or("/health/live", |path| path);
    let ready = health.ready.as_ref().map_or("/health/ready", |path| path);
    let told = health.ready.as_ref().or(health.live.as_ref());
    if let Some(path) = told.filter(|_| live == ready) {
        let message = format!("`{live}` cannot answer both for `live` and for `ready`");
        let finding = Finding::error(fault::INVALID_VALUE, path.span, message);
        cx.push(finding.help("write a path of its own for each"));
    }
}

record! {
    /// A service level objective.
    pub struct Slo {
        /// Share of requests that succeed: `99.9%`.
        availability: Option<Spanned<Ratio>>,
        /// Time within which 99 of 100 are answered.
        latency: Option<Spanned<Checked<Positive<Duration>>>>,
    }
}

choice! {
    /// How often the broker delivers a message. One event may say otherwise by its own `delivery`.
    pub enum BrokerDelivery {
        /// Until it is acknowledged.
        AtLeastOnce = "at-least-once",
    }
}

record! {
    /// The message broker.
    pub struct Broker {
        /// NATS, Kafka, RabbitMQ or embedded.
        r#type = "type": Spanned<Checked<BrokerKind>>,
        /// A reference to the address: `${NATS_URL}`.
        url: Option<Spanned<Checked<WithVariables>>>,
        /// How often messages arrive. An event that may get lost says so itself.
        delivery: Option<BrokerDelivery>,
        /// How long messages are kept. Default 7d.
        retention: Option<Checked<Positive<Duration>>>,
    }
}

record! {
    /// Where streams of event-sourced aggregates are kept.
    pub struct EventStore {
        /// PostgreSQL, SQLite, ...
        r#type = "type": Spanned<Checked<DatabaseKind>>,
        /// A reference to the address: `${EVENT_STORE_URL}`.
        url: Option<Spanned<Checked<WithVariables>>>,
    }
}

choice! {
    /// A way to run the system.
    pub enum DeploymentTarget {
        /// In one process, here.
        Local = "local",
        /// With compose, on one machine.
        Compose = "compose",
        /// On Kubernetes.
        Kubernetes = "kubernetes",
    }
}

record! {
    /// Where and how the system is deployed.
    pub struct Deployment {
        /// Ways to run the system: local, compose, kubernetes. Default all.
        targets: OneOrMany<DeploymentTarget>,
        /// Kubernetes namespace, of the system alone. Default the system's name.
        namespace: Option<Spanned<String>>,
        /// Image registry, with a path if it has one: `registry.example/shop`.
        registry: Option<Spanned<String>>,
        /// Copies of each service. Default 1.
        replicas: Option<Bounded<1, 10_000>>,
        /// What is released together: unit → services.
        units: IndexMap<Spanned<String>, Vec<Spanned<String>>>,
    }
}
