//! Metrics, readiness and traces.

use serde_json::{Value, json};

use super::clusters::{self, Place};
use super::{Facts, address, extension, typed};
use crate::model::Model;
use crate::model::gateway::Middleware;
use crate::plan::deployment::{PROXY_METRICS, PROXY_READY, metrics_port};

/// A door of its own for who scrapes and who asks whether it is ready; the rest of the administration stays on loopback.
pub(super) fn listener(facts: &Facts<'_>) -> Value {
    let open = |path: &str| {
        json!({
            "match": {
                "path": path,
                "headers": [{"name": ":method", "string_match": {"exact": "GET"}}],
            },
            "route": {"cluster": clusters::ADMIN, "timeout": "5s"},
        })
    };
    let mut routes = vec![open(PROXY_READY)];
    if facts.passes(Middleware::Metrics) {
        routes.push(open(PROXY_METRICS));
    }
    let router = extension(
        "envoy.filters.http.router",
        "envoy.extensions.filters.http.router.v3.Router",
        json!({}),
    );
    let host = json!({"name": "metrics", "domains": ["*"], "routes": routes});
    let manager = json!({
        "stat_prefix": "metrics",
        "use_remote_address": true,
        "request_headers_timeout": "5s",
        "http_filters": [router],
        "route_config": {"name": "metrics", "virtual_hosts": [host]},
    });
    json!({
        "name": "metrics",
        "# Ready, and the metrics; nothing else of the administration.": null,
        "address": address("0.0.0.0", metrics_port(facts.gateway)),
        "filter_chains": [{
            "filters": [extension(
                "envoy.filters.network.http_connection_manager",
                super::listener::MANAGER,
                manager,
            )],
        }],
        "ignore_global_conn_limit": true,
    })
}

/// The declared buckets, in milliseconds as Envoy counts.
pub(super) fn buckets(model: &Model) -> Value {
    let buckets: Vec<f64> = model
        .observability
        .buckets
        .iter()
        .map(|seconds| (seconds * 1_000_000.0).round() / 1_000.0)
        .collect();
    json!({
        "histogram_bucket_settings": [{
            "match": {"safe_regex": {"regex": r".*\.(up|down)stream_rq_time"}},
            "buckets": buckets,
        }],
    })
}

/// Spans of the gateway; the trace of a caller goes on here.
pub(super) fn tracing(facts: &Facts<'_>, endpoint: &str) -> Value {
    let Some(place) = Place::of(endpoint) else {
        return json!({});
    };
    let uri = format!("{}/v1/traces", place.url.trim_end_matches('/'));
    let exporter = typed(
        "envoy.config.trace.v3.OpenTelemetryConfig",
        json!({
            "http_service": {"http_uri": {"uri": uri, "cluster": clusters::TRACES, "timeout": "1s"}},
            "service_name": "gateway",
        }),
    );
    json!({
        "provider": {"name": "envoy.tracers.opentelemetry", "typed_config": exporter},
        "random_sampling": {"value": facts.model.observability.sample_ratio * 100.0},
        "spawn_upstream_span": true,
        "custom_tags": [{
            "tag": "correlation_id",
            "request_header": {"name": facts.correlation_header()},
        }],
    })
}
