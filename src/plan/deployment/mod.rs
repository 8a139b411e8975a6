//! Where and how the system runs when it is deployed: its processes, what each of them reads and reaches, and who may ask whom for what.
//!
//! Everything that a target prints (compose files, Kubernetes manifests, mesh policies, scrape configuration) is spelt from this
//! one picture, so that what is allowed in one place is allowed in all, and nothing else is.

mod access;
pub mod broker;
pub mod compose;
pub mod images;
pub mod networks;
pub mod observability;
mod proxy;
mod quantity;
pub mod secrets;
pub mod surroundings;
mod versions;
mod workload;

use serde::Serialize;

pub(crate) use access::authority;
pub use access::{Access, Caller, ExternalHost, Operation, web_port};
pub use proxy::{
    KEYS, PROXY_FILE, PROXY_HEAP, PROXY_MEMORY, PROXY_METRICS, PROXY_READY, Proxy,
    administration_port, metrics_port,
};
pub use versions::Version;
pub use workload::{Keep, Secret, Setting, Workload};

use crate::model::Model;
use crate::model::gateway::Authentication;
use crate::model::platform::Target;

/// The hosts and ports of what services share. Services themselves are reached by their own names.
pub mod host {
    /// The gateway.
    pub const GATEWAY: &str = "gateway";
    /// The broker (NATS).
    pub const BROKER: &str = "nats";
    /// The port of the broker's clients.
    pub const BROKER_PORT: u16 = 4222;
    /// The second level of caches (Redis).
    pub const CACHE: &str = "redis";
    /// Its port.
    pub const CACHE_PORT: u16 = 6379;
    /// Who takes traces (OpenTelemetry collector).
    pub const COLLECTOR: &str = "otel-collector";
    /// Its port for OTLP over HTTP.
    pub const COLLECTOR_PORT: u16 = 4318;
    /// Its port for OTLP over gRPC.
    pub const COLLECTOR_GRPC_PORT: u16 = 4317;
    /// Its port for its own metrics.
    pub const COLLECTOR_METRICS_PORT: u16 = 8888;
    /// Who keeps metrics and judges them.
    pub const PROMETHEUS: &str = "prometheus";
    /// Who tells people.
    pub const ALERTMANAGER: &str = "alertmanager";
    /// Who keeps traces and shows them.
    pub const TRACES: &str = "jaeger";
    /// The port of a PostgreSQL server.
    pub const POSTGRES_PORT: u16 = 5432;
}

/// Where services find secrets that come as files.
pub const SECRETS: &str = "/run/secrets";

/// The user that services run as: the one of distroless images.
pub const USER: u32 = 65532;

/// What stands before a token. A scheme is the same in capitals and small letters (RFC 9110, section 11.1), and proxies compare letter by letter: these
/// are the spellings that are met.
pub const BEARER: [&str; 3] = ["Bearer ", "bearer ", "BEARER "];

/// The deployed system.
#[derive(Debug, Clone, Serialize)]
pub struct Deployment {
    /// The system's name, as hosts are spelt.
    pub system: String,
    /// The Kubernetes namespace.
    pub namespace: String,
    /// The registry of images, with a `/` at its end; empty where none is declared.
    pub registry: String,
    /// Whether it runs with compose.
    pub compose: bool,
    /// Whether it runs on Kubernetes.
    pub kubernetes: bool,
    /// Whether a mesh (Istio) lies between its services.
    pub mesh: bool,
    /// Its services, sorted by name.
    pub workloads: Vec<Workload>,
    /// The port of the gateway, where there is one.
    pub gateway: Option<u16>,
    /// The gateway as it runs, where there is one.
    pub proxy: Option<Proxy>,
    /// Who may ask whom for what: sorted by callee, then by caller.
    pub access: Vec<Access>,
    /// What is called outside.
    pub externals: Vec<ExternalHost>,
    /// Whether services talk by messages, through the broker.
    pub broker: bool,
    /// How long the broker keeps messages, in seconds; as long as it wants where the file does not say.
    pub retention: Option<u64>,
    /// Whether any service has a second level of cache.
    pub cache: bool,
    /// Whether traces are collected.
    pub collector: bool,
    /// Where else the collector sends them, where the file names another place.
    pub traces_to: Option<String>,
    /// Where the keys of tokens are published, where tokens are checked by them.
    pub jwks: Option<String>,
}

/// Whether the gateway fetches the keys of tokens itself: from an address that is known in full.
pub(crate) fn fetched(declared: &Authentication) -> bool {
    declared.jwks.as_ref().is_some_and(|jwks| {
        let url = &jwks.value;
        let remote = url.starts_with("https://") || url.starts_with("http://");
        remote && !url.contains("${")
    })
}

/// Plans the deployed system.
pub fn deployment(model: &Model) -> Deployment {
    let wanted = |target| {
        let targets = &model.deployment.targets;
        targets.is_empty() || targets.contains(&target)
    };
    let system = model.system.name.kebab();
    let mut workloads: Vec<Workload> = model
        .services
        .ids()
        .map(|id| workload::workload(model, id))
        .collect();
    workloads.sort_by(|a, b| a.name.cmp(&b.name));
    let mesh = model.mesh.as_ref();
    let registry = model.deployment.registry.as_deref();
    Deployment {
        namespace: model.namespace().value,
        registry: registry.map_or_else(String::new, |registry| {
            format!("{}/", registry.trim_end_matches('/'))
        }),
        compose: wanted(Target::Compose),
        kubernetes: wanted(Target::Kubernetes),
        mesh: mesh.is_some_and(|mesh| mesh.istio),
        gateway: model.gateway.as_ref().map(|gateway| gateway.port),
        proxy: proxy::proxy(model),
        access: access::access(model),
        externals: access::externals(model),
        broker: workload::messages(model),
        retention: model
            .broker
            .as_ref()
            .and_then(|broker| broker.retention)
            .map(|time| time.as_secs()),
        cache: workloads.iter().any(|workload| workload.cache),
        collector: model.observability.otlp_endpoint.is_some(),
        traces_to: traces_to(model),
        jwks: model
            .authentication()
            .and_then(|declared| declared.jwks.as_ref())
            .map(|jwks| jwks.value.clone()),
        workloads,
        system,
    }
}

/// Services send traces to the collector of the system, whatever the file says: it alone knows, and passes them on.
fn traces_to(model: &Model) -> Option<String> {
    let declared = model.observability.otlp_endpoint.as_ref()?;
    let rest = declared
        .split_once("://")
        .map_or(declared.as_str(), |(_, rest)| rest);
    let named = rest.split([':', '/']).next().unwrap_or_default();
    (named != host::COLLECTOR).then(|| declared.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lower;
    use crate::syntax::document;
    use crate::syntax::include::load_text;

    const SHOP: &str = "
msarch: 1
name: shop
teams: {team: {size: 7}}
services:
  order-service:
    bounded_context: Orders
    team_ownership: team
    port: 3001
    replicas: 3
    data_ownership: {orders: {fields: {total: decimal}}}
    calls: [{to: price-service, operations: [get_price], timeout: 1s}]
    endpoints: [GET /orders, POST /orders]
  price-service:
    bounded_context: Prices
    team_ownership: team
    port: 3002
    replicas: 3
    data_ownership: {prices: {fields: {amount: decimal}}}
    endpoints: {get_price: {method: GET, path: '/prices/{id}'}, set_price: {method: POST, path: /prices}}
data_management:
  order-service: {database_type: PostgreSQL, database: orders, tables: [orders]}
  price-service: {database_type: MongoDB, collections: [prices]}
gateway:
  routes:
    - {path: /api/orders/*, method: GET, service: order-service, rewrite: /orders, timeout: 5s, public: true}
";

    fn shop() -> Deployment {
        let mut loaded = load_text("architecture.yaml", SHOP);
        deployment(&lower(&document::read(&mut loaded).unwrap()))
    }

    #[test]
    fn only_what_is_declared_may_be_asked() {
        let allowed: Vec<String> = shop()
            .access
            .iter()
            .flat_map(|access| {
                access.operations.iter().map(move |operation| {
                    format!(
                        "{:?} {} {} {}",
                        access.from, access.to, operation.method, operation.path
                    )
                })
            })
            .collect();
        assert_eq!(
            allowed,
            [
                "Gateway order-service GET /orders",
                "Gateway order-service HEAD /orders",
                "Service(\"order-service\") price-service GET /prices/*",
                "Service(\"order-service\") price-service HEAD /prices/*",
            ]
        );
    }

    #[test]
    fn data_without_a_driver_lies_in_a_file_of_one_copy() {
        let shop = shop();
        let keeps: Vec<_> = shop
            .workloads
            .iter()
            .map(|workload| (matches!(workload.keep, Keep::File), workload.replicas))
            .collect();
        assert_eq!(keeps, [(false, 3), (true, 1)]);
    }

    #[test]
    fn a_service_is_told_where_its_database_is_and_where_its_password_lies() {
        let shop = shop();
        let orders = &shop.workloads[0];
        assert_eq!(
            orders.settings,
            [Setting {
                variable: "ORDER_SERVICE__DATABASE__URL".to_owned(),
                value: "postgres://order_service@order-service-db:5432/orders".to_owned(),
            }]
        );
        assert_eq!(
            orders.secrets[0].variable,
            "ORDER_SERVICE__DATABASE__PASSWORD_FILE"
        );
        assert_eq!(
            orders.secrets[0].path,
            "/run/secrets/order-service-database"
        );
    }

    #[test]
    fn a_system_outside_gets_no_password_of_ours_whatever_it_is_called() {
        let named = |other: &str| {
            let calls = format!("calls: [{{to: {other}, operations: [ask], timeout: 1s}}, ");
            let outside = format!(
                "externals:\n  {other}: {{url: 'https://a.example', endpoints: {{ask: {{method: POST, path: /ask}}}}}}\ngateway:\n"
            );
            let text = SHOP
                .replace("calls: [", &calls)
                .replace("gateway:\n", &outside);
            let mut loaded = load_text("architecture.yaml", &text);
            deployment(&lower(&document::read(&mut loaded).unwrap()))
        };
        for other in ["database", "broker", "cache", "token"] {
            let system = named(other);
            let secrets = &system.workloads[0].secrets;
            let names: std::collections::BTreeSet<&str> =
                secrets.iter().map(|secret| secret.name.as_str()).collect();
            assert_eq!((names.len(), secrets.len()), (2, 2), "{other}: {secrets:?}");
        }
    }
}
