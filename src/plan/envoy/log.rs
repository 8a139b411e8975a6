//! The access log: a line of JSON for each request, on standard output.

use serde_json::{Value, json};

use super::filters::token;
use super::{Facts, extension};

pub(super) fn access_log(facts: &Facts<'_>) -> Value {
    let line = json!({
        "timestamp": "%START_TIME%",
        "method": "%REQ(:METHOD)%",
        "path": "%PATH(NQ:ORIG_OR_PATH)%",
        "route": "%ROUTE_NAME%",
        "status": "%RESPONSE_CODE%",
        "reason": "%RESPONSE_CODE_DETAILS%",
        "flags": "%RESPONSE_FLAGS%",
        "duration_ms": "%DURATION%",
        "upstream": "%UPSTREAM_CLUSTER%",
        "upstream_address": "%UPSTREAM_HOST%",
        "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
        "bytes_received": "%BYTES_RECEIVED%",
        "bytes_sent": "%BYTES_SENT%",
        "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
        "subject": format!("%DYNAMIC_METADATA({}:payload:sub)%", token::NAME),
        "request_id": "%REQ(X-REQUEST-ID)%",
        "correlation_id": format!("%REQ({})%", facts.correlation_header()),
        "trace_id": "%TRACE_ID%",
    });
    extension(
        "envoy.access_loggers.stdout",
        "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
        json!({"# The query stays out: it may hold what is nobody's business.": null, "log_format": {"json_format": line}}),
    )
}
