//! How large a request may be: it is held until it is whole, so that a slow sender holds up nothing but itself.

use serde_json::{Value, json};

use super::super::extension;
use crate::plan::local::gateway::BODY_LIMIT;

pub(super) fn filter() -> Value {
    extension(
        "envoy.filters.http.buffer",
        "envoy.extensions.filters.http.buffer.v3.Buffer",
        json!({"max_request_bytes": BODY_LIMIT}),
    )
}
