//! The connections that come in, and what is read of them.

use serde_json::{Value, json};

use super::{Facts, address, answers, extension, filters, limits, log, routes, typed, watch};
use crate::model::gateway::Middleware;

/// What a caller says about where it comes from is not believed: this is the outer door.
const UNBELIEVED: [&str; 5] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-real-ip",
    "x-deadline-ms",
];

/// The way in.
pub(super) fn listener(facts: &Facts<'_>) -> Value {
    json!({
        "name": "gateway",
        "address": address("0.0.0.0", facts.gateway.port),
        "per_connection_buffer_limit_bytes": 32_768,
        "filter_chains": [{"filters": [manager(facts)]}],
    })
}

fn manager(facts: &Facts<'_>) -> Value {
    let mut settings = json!({
        "stat_prefix": "gateway",
        "# The peer is the client, and comes from outside whatever its address: no range is declared as internal.": null,
        "use_remote_address": true,
        "xff_num_trusted_hops": 0,
        "early_header_mutation_extensions": [unbelieved()],
        "server_header_transformation": "PASS_THROUGH",
        "generate_request_id": true,
        "# Paths are refused where they are unclear (see the first route), and never changed before they are judged.": null,
        "normalize_path": false,
        "merge_slashes": false,
        "path_with_escaped_slashes_action": "KEEP_UNCHANGED",
    });
    if let Value::Object(all) = &mut settings {
        all.extend(limits::settings(facts));
    }
    if facts.passes(Middleware::Logging) {
        settings["access_log"] = json!([log::access_log(facts)]);
    }
    if let Some(traces) = facts.traces() {
        settings["tracing"] = watch::tracing(facts, traces);
    }
    settings["local_reply_config"] = answers::config(facts);
    settings["http_filters"] = filters::filters(facts).into();
    settings["route_config"] = routes::config(facts);
    extension(
        "envoy.filters.network.http_connection_manager",
        MANAGER,
        settings,
    )
}

/// The type of connection managers.
pub(super) const MANAGER: &str =
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

fn unbelieved() -> Value {
    let mut removed: Vec<Value> = UNBELIEVED.map(|name| json!({"remove": name})).into();
    removed.push(json!({"remove_on_match": {"key_matcher": {"prefix": "x-envoy-"}}}));
    json!({
        "name": "unbelieved",
        "typed_config": typed(
            "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
            json!({"mutations": removed}),
        ),
    })
}
