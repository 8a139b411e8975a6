//! The gateway of the deployed system: what is declared, as configuration of Envoy.
//!
//! It answers as the embedded gateway of the local run does. What Envoy does otherwise is listed in [`approximations`] and printed
//! into the file. A key that begins with `# ` is a comment for the owner of the file, and no setting.
//!
//! | room | decides |
//! |---|---|
//! | `listener` | the connections that come in, and what is read of them |
//! | `routes` | which route takes which request, in which order |
//! | `path` | paths: what is matched, what it becomes |
//! | `retry` | what is sent again |
//! | `filters` | what each request passes, in the declared order |
//! | `answers` | what the gateway itself says: problem details |
//! | `log` | the access log |
//! | `clusters` | where requests go, and when that stops |
//! | `upstream` | which clusters there are |
//! | `watch` | metrics, readiness, traces |
//! | `limits` | what keeps one client from taking all |
//! | `approximations` | what Envoy does otherwise than declared |

mod answers;
mod approximations;
mod clusters;
mod filters;
mod limits;
mod listener;
mod log;
pub(in crate::plan) mod path;
mod retry;
mod routes;
#[cfg(test)]
mod tests;
mod upstream;
mod watch;

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::model::Model;
use crate::model::gateway::{Gateway, Middleware};
use crate::plan::deployment::administration_port;
use crate::plan::local::gateway::passed;
use upstream::Upstreams;

pub use approximations::approximations;

/// `gateway/envoy.yaml`.
#[derive(Debug, Clone)]
pub struct EnvoyPlan {
    /// The configuration.
    pub config: Value,
    /// What Envoy does otherwise than declared, a sentence each.
    pub approximations: Vec<String>,
}

/// What all rooms know.
struct Facts<'m> {
    model: &'m Model,
    gateway: &'m Gateway,
    passed: Vec<Middleware>,
    upstreams: Upstreams<'m>,
}

impl Facts<'_> {
    fn passes(&self, middleware: Middleware) -> bool {
        self.passed.contains(&middleware)
    }

    /// The header that carries the correlation id, as Envoy knows headers: in lower case.
    fn correlation_header(&self) -> String {
        let header = &self.model.observability.correlation_header;
        header.to_ascii_lowercase()
    }

    /// Where traces go, where they are declared and the gateway takes part.
    fn traces(&self) -> Option<&str> {
        let endpoint = self.model.observability.otlp_endpoint.as_deref()?;
        self.passes(Middleware::Tracing).then_some(endpoint)
    }
}

/// The clusters that lead to services, in the order of the file; none where no gateway is declared.
pub(in crate::plan) fn clusters(model: &Model) -> Vec<String> {
    let gateways = model.gateway.iter();
    gateways
        .flat_map(|gateway| {
            let upstreams = Upstreams::of(model, gateway);
            let names = upstreams.iter().map(|upstream| upstream.name.clone());
            names.collect::<Vec<_>>()
        })
        .collect()
}

/// Plans the gateway, where one is declared.
pub fn envoy(model: &Model) -> Option<EnvoyPlan> {
    let gateway = model.gateway.as_ref()?;
    let facts = Facts {
        model,
        gateway,
        passed: passed(gateway),
        upstreams: Upstreams::of(model, gateway),
    };
    let config = json!({
        "node": {"id": "gateway", "cluster": model.system.name.kebab()},
        "admin": {
            "# On loopback alone: it can stop the gateway and shows its configuration.": null,
            "address": address("127.0.0.1", administration_port(gateway)),
        },
        "static_resources": {
            "listeners": [listener::listener(&facts), watch::listener(&facts)],
            "clusters": clusters::clusters(&facts),
        },
        "stats_config": watch::buckets(model),
        "overload_manager": limits::overload(),
    });
    Some(EnvoyPlan {
        config,
        approximations: approximations(gateway),
    })
}

fn address(host: &str, port: u16) -> Value {
    json!({"socket_address": {"address": host, "port_value": port}})
}

/// An extension by its name, with its settings.
fn extension(name: &str, kind: &str, settings: Value) -> Value {
    json!({"name": name, "typed_config": typed(kind, settings)})
}

/// Settings with the name of their type.
fn typed(kind: &str, settings: Value) -> Value {
    let mut all = Map::new();
    all.insert(
        "@type".to_owned(),
        format!("type.googleapis.com/{kind}").into(),
    );
    if let Value::Object(settings) = settings {
        all.extend(settings);
    }
    Value::Object(all)
}

/// A time as protobuf writes it in JSON.
fn seconds(time: Duration) -> String {
    let text = format!("{}.{:09}", time.as_secs(), time.subsec_nanos());
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}s")
}

/// Whole seconds, rounded up: who waits that long is served.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// A header that is set, whatever was there.
fn header(name: &str, value: &str) -> Value {
    json!({
        "header": {"key": name, "value": value},
        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
    })
}
