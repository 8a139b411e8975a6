//! Headers of requests and answers, as components.

use serde_json::{Value, json};

/// A reference to the header of a name.
pub(super) fn refer(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// The header of an answer.
pub(super) fn header(name: &str) -> Value {
    match name {
        "ETag" => json!({
            "description": "The version of the record, for `If-Match`.",
            "schema": {"type": "string"},
            "example": "\"1\"",
        }),
        "Location" => json!({
            "description": "Where the new record is.",
            "schema": {"type": "string", "format": "uri-reference"},
        }),
        "Cache-Control" => json!({
            "description": "Who may keep the answer, and for how many seconds (RFC 9111).",
            "schema": {"type": "string"},
            "example": "private, max-age=60",
        }),
        "Retry-After" => json!({
            "description": "How many seconds to wait.",
            "schema": {"type": "integer", "minimum": 0},
        }),
        _ => json!({
            "description": "How to authenticate.",
            "schema": {"type": "string"},
            "example": "Bearer",
        }),
    }
}

/// `If-Match`, required: nobody overwrites a version that they have not seen.
pub(super) fn if_match() -> Value {
    json!({
        "name": "If-Match",
        "in": "header",
        "required": true,
        "description": "The version that is meant, as `ETag` gave it; `*` for whichever there is.",
        "schema": {"type": "string"},
        "example": "\"1\"",
    })
}

/// `If-None-Match`: what the caller has already is not sent again.
pub(super) fn if_none_match() -> Value {
    json!({
        "name": "If-None-Match",
        "in": "header",
        "required": false,
        "description": "The version that the caller has, as `ETag` gave it.",
        "schema": {"type": "string"},
        "example": "\"1\"",
    })
}

/// `Idempotency-Key`: two requests with one key are one request.
pub(super) fn idempotency_key(required: bool) -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": required,
        "description": "A value of the caller's choice. A repeated request with the same key and body gets the first answer again, for a day.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "example": "5f0c2a7e-order-1",
    })
}

/// How many items a page may have.
pub(super) fn limit() -> Value {
    json!({
        "name": "limit",
        "in": "query",
        "description": "The number of items.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
    })
}

/// Where a page begins.
pub(super) fn cursor() -> Value {
    json!({
        "name": "cursor",
        "in": "query",
        "description": "Where to go on: `next_cursor` of the page before.",
        "schema": {"type": "string"},
    })
}
