//! What keeps one client, or a flood of them, from taking all: as Envoy's guide for gateways at the edge advises.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Facts, extension, seconds, typed};
use crate::plan::deployment::PROXY_HEAP;

/// Connections at once.
const CONNECTIONS: u32 = 10_000;

/// How long nothing may happen; longer only on routes that may take longer.
pub(super) const IDLE: Duration = Duration::from_secs(300);

/// Limits of connections and requests, as settings of the connection manager.
pub(super) fn settings(facts: &Facts<'_>) -> Map<String, Value> {
    let underscores = match facts.correlation_header().contains('_') {
        true => "ALLOW",
        false => "DROP_HEADER",
    };
    let settings = json!({
        "common_http_protocol_options": {
            "idle_timeout": "3600s",
            "# `a_b` and `a-b` are one header to many programs.": null,
            "headers_with_underscores_action": underscores,
        },
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 65_536,
            "initial_connection_window_size": 1_048_576,
        },
        "max_request_headers_kb": 60,
        "request_headers_timeout": "10s",
        "request_timeout": seconds(IDLE),
        "stream_idle_timeout": seconds(IDLE),
    });
    match settings {
        Value::Object(settings) => settings,
        _ => Map::new(),
    }
}

/// What is let go when memory or connections run out, before all goes.
pub(super) fn overload() -> Value {
    let above = |share: f64| json!([{"name": "envoy.resource_monitors.fixed_heap", "threshold": {"value": share}}]);
    json!({
        "refresh_interval": "0.25s",
        "resource_monitors": [
            extension(
                "envoy.resource_monitors.fixed_heap",
                "envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig",
                json!({"max_heap_size_bytes": PROXY_HEAP}),
            ),
            {
                "name": "envoy.resource_monitors.global_downstream_max_connections",
                "typed_config": typed(
                    "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
                    json!({"max_active_downstream_connections": CONNECTIONS}),
                ),
            },
        ],
        "actions": [
            {"name": "envoy.overload_actions.shrink_heap", "triggers": above(0.95)},
            {"name": "envoy.overload_actions.stop_accepting_requests", "triggers": above(0.98)},
        ],
    })
}
