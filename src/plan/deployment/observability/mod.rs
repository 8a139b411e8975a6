//! What is watched of the deployed system: who is scraped, what is promised, and when people are told.
//!
//! | room | decides |
//! |---|---|
//! | `rule` | what an alert is, with the series that show it firing and silent |
//! | `services` | alerts on what every service shows |
//! | `patience` | how long those who ask wait, and the alert on requests that take longer |
//! | `gateway` | alerts on what the gateway counts: what never reached a service, or came back too late |
//! | `calling`, `messages` | alerts on what services ask of others, and on what waits between them |
//! | `promises` | error budgets of the declared objectives, and how fast they burn |
//! | `files` | the rules and their tests, as Prometheus and promtool read them |

mod calling;
mod files;
mod gateway;
mod messages;
mod patience;
mod promises;
mod rule;
mod services;

use serde::Serialize;
use serde_json::Value;

pub use rule::{Alert, Case, Recording, Series};

use super::{Deployment, host};
use crate::model::Model;

/// What is watched.
#[derive(Debug, Clone, Serialize)]
pub struct Observability {
    /// Who is scraped.
    pub jobs: Vec<Job>,
    /// Where the collector sends traces beside its own store.
    pub elsewhere: Option<Elsewhere>,
    /// The rules.
    #[serde(skip)]
    pub rules: Value,
    /// Their tests.
    #[serde(skip)]
    pub tests: Value,
}

/// Processes that are scraped alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Job {
    /// Its name, and its host.
    pub name: String,
    /// The port.
    pub port: u16,
    /// The path.
    pub path: &'static str,
}

/// Another place for traces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Elsewhere {
    /// The exporter of the collector: by its port, as OTLP has them.
    pub exporter: &'static str,
    /// The address, as YAML has it.
    pub endpoint: String,
    /// Whether it is spoken to without TLS.
    pub plain: bool,
    /// Variables that the address names.
    pub variables: Vec<String>,
}

/// Plans what is watched.
#[must_use]
pub fn observability(model: &Model, deployment: &Deployment) -> Observability {
    let promised = promises::budgets(model)
        .into_iter()
        .chain(promises::alerts(model));
    let groups: Vec<rule::Group> = promised
        .chain(services::alerts(model, deployment))
        .collect();
    Observability {
        jobs: jobs(deployment),
        elsewhere: deployment.traces_to.as_deref().map(elsewhere),
        rules: files::rules(&groups),
        tests: files::tests(&groups),
    }
}

/// Every service, the gateway and the collector.
fn jobs(deployment: &Deployment) -> Vec<Job> {
    let services = deployment.workloads.iter().map(|workload| Job {
        name: workload.name.clone(),
        port: workload.port,
        path: "/metrics",
    });
    let collector = deployment.collector.then(|| Job {
        name: host::COLLECTOR.to_owned(),
        port: host::COLLECTOR_METRICS_PORT,
        path: "/metrics",
    });
    let gateway = deployment.proxy.as_ref().and_then(|proxy| {
        Some(Job {
            name: host::GATEWAY.to_owned(),
            port: proxy.metrics_port,
            path: proxy.metrics?,
        })
    });
    services.chain(gateway).chain(collector).collect()
}

fn elsewhere(url: &str) -> Elsewhere {
    let (scheme, authority) = url.split_once("://").unwrap_or(("http", url));
    let grpc = authority.trim_end_matches('/').ends_with(":4317");
    let named = url
        .split("${")
        .skip(1)
        .filter_map(|part| part.split_once('}'));
    let address = if grpc { authority } else { url };
    Elsewhere {
        exporter: if grpc { "otlp_grpc" } else { "otlp_http" },
        endpoint: Value::from(address.replace("${", "${env:")).to_string(),
        plain: grpc && scheme == "http",
        variables: named.map(|(name, _)| name.to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::elsewhere;

    #[test]
    fn traces_go_elsewhere_by_the_protocol_of_the_port() {
        let grpc = elsewhere("http://traces.example:4317");
        assert_eq!(
            (grpc.exporter, grpc.endpoint.as_str(), grpc.plain),
            ("otlp_grpc", "\"traces.example:4317\"", true)
        );
        let http = elsewhere("https://${TRACES}/v1");
        assert_eq!(
            (http.exporter, http.endpoint.as_str(), http.plain),
            ("otlp_http", "\"https://${env:TRACES}/v1\"", false)
        );
        assert_eq!(http.variables, ["TRACES"]);
    }
}
