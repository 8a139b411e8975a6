//! Where requests go, and when that stops.

use serde_json::{Value, json};

use super::upstream::Upstream;
use super::{Facts, address, seconds, typed};
use crate::model::gateway::Authentication;
use crate::model::policy::CircuitBreaker;
use crate::plan::deployment::administration_port;
use crate::plan::deployment::{authority, fetched};

// Names of services have no underscore, so that none of them is called like these.

/// Where tokens' keys are published.
pub(super) const KEYS: &str = "token_keys";
/// Where traces go.
pub(super) const TRACES: &str = "trace_collector";
/// Where there is nobody.
pub(super) const NOBODY: &str = "no_upstream";
/// The gateway's own administration.
pub(super) const ADMIN: &str = "gateway_admin";

pub(super) fn clusters(facts: &Facts<'_>) -> Vec<Value> {
    let mut all: Vec<Value> = facts.upstreams.iter().map(service).collect();
    let keys = facts.gateway.authentication.as_ref().and_then(published);
    all.extend(keys.map(|keys| outside(KEYS, &keys)));
    let traces = facts.traces().and_then(Place::of);
    all.extend(traces.map(|place| outside(TRACES, &place)));
    if facts.gateway.cors.is_some() {
        let nobody = json!({"cluster_name": NOBODY});
        all.push(json!({"name": NOBODY, "connect_timeout": "1s", "load_assignment": nobody}));
    }
    all.push(json!({
        "name": ADMIN,
        "connect_timeout": "1s",
        "load_assignment": endpoint(ADMIN, "127.0.0.1", administration_port(facts.gateway)),
    }));
    all
}

/// An address that can be connected to.
pub(super) struct Place {
    /// As declared.
    pub(super) url: String,
    host: String,
    port: u16,
    tls: bool,
}

impl Place {
    /// Reads an address; none where a variable stands for its host.
    pub(super) fn of(url: &str) -> Option<Self> {
        let tls = url.starts_with("https://");
        if !tls && !url.starts_with("http://") {
            return None;
        }
        let (host, port) = authority(url, if tls { 443 } else { 80 });
        Some(Self {
            url: url.to_owned(),
            host: host?,
            port,
            tls,
        })
    }
}

/// Where the keys of tokens are published, where Envoy can read that.
pub(super) fn published(declared: &Authentication) -> Option<Place> {
    let jwks = declared.jwks.as_ref()?;
    fetched(declared).then(|| Place::of(&jwks.value)).flatten()
}

fn service(upstream: &Upstream<'_>) -> Value {
    let mut cluster = dns(
        &upstream.name,
        &upstream.service.name.kebab(),
        upstream.service.port,
    );
    // Envoy's own limits would refuse what the file allows: no more than these may be under way at once.
    cluster["circuit_breakers"] = json!({
        "thresholds": [{
            "max_connections": 1024,
            "max_pending_requests": 1024,
            "max_requests": 1024,
            "# Of the requests under way, so many may be repeats; a few always.": null,
            "retry_budget": {"budget_percent": {"value": 20}, "min_retry_concurrency": 10},
        }],
    });
    if let Some(breaker) = upstream.breaker {
        cluster["outlier_detection"] = outliers(breaker);
    }
    cluster["# Where all replicas are out, nobody is asked: the default would ask them all."] =
        Value::Null;
    cluster["common_lb_config"] = json!({"healthy_panic_threshold": {"value": 0}});
    cluster["upstream_connection_options"] = json!({
        "tcp_keepalive": {"keepalive_probes": 3, "keepalive_time": 30, "keepalive_interval": 5},
    });
    cluster["typed_extension_protocol_options"] = json!({
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": typed(
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            json!({
                "common_http_protocol_options": {"idle_timeout": "30s"},
                "explicit_http_config": {"http_protocol_options": {}},
            }),
        ),
    });
    cluster
}

/// The circuit breaker: a replica that fails so often in a row is left alone, the only one too.
fn outliers(breaker: &CircuitBreaker) -> Value {
    let rest = seconds(breaker.recovery_timeout);
    json!({
        "consecutive_5xx": breaker.failure_threshold,
        "enforcing_consecutive_5xx": 100,
        "enforcing_consecutive_gateway_failure": 0,
        "enforcing_success_rate": 0,
        "enforcing_failure_percentage": 0,
        "# How often it is looked whether a replica may come back.": null,
        "interval": "1s",
        "base_ejection_time": rest,
        "max_ejection_time": rest,
        "max_ejection_time_jitter": "0s",
        "max_ejection_percent": 100,
        "always_eject_one_host": true,
    })
}

/// A place that is no service of the system.
fn outside(name: &str, place: &Place) -> Value {
    let mut cluster = dns(name, &place.host, place.port);
    if place.tls {
        let context = json!({
            "sni": place.host,
            "common_tls_context": {
                "validation_context": {
                    "trusted_ca": {"filename": "/etc/ssl/certs/ca-certificates.crt"},
                    "match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": place.host}}],
                },
            },
        });
        cluster["transport_socket"] = super::extension(
            "envoy.transport_sockets.tls",
            "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            context,
        );
    }
    cluster
}

/// All addresses that a name has, looked up again and again.
fn dns(name: &str, host: &str, port: u16) -> Value {
    json!({
        "name": name,
        "type": "STRICT_DNS",
        "dns_lookup_family": "V4_PREFERRED",
        "connect_timeout": "1s",
        "load_assignment": endpoint(name, host, port),
    })
}

fn endpoint(name: &str, host: &str, port: u16) -> Value {
    let endpoint = json!({"endpoint": {"address": address(host, port)}});
    json!({"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]})
}
