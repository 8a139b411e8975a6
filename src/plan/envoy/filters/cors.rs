//! What pages of other origins may do (Fetch standard).

use serde_json::{Value, json};

use super::super::{Facts, extension, typed, whole_seconds};
use crate::model::gateway::Cors;

/// The filter's name.
pub(super) const NAME: &str = "envoy.filters.http.cors";

pub(super) fn filters(facts: &Facts<'_>) -> Vec<Value> {
    if facts.gateway.cors.is_none() {
        return Vec::new();
    }
    let vary = json!({
        "header": {"key": "vary", "value": "Origin"},
        "append_action": "APPEND_IF_EXISTS_OR_ADD",
    });
    vec![
        extension(
            "vary",
            "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
            json!({"mutations": {"response_mutations": [{"append": vary}]}}),
        ),
        extension(
            NAME,
            "envoy.extensions.filters.http.cors.v3.Cors",
            json!({}),
        ),
    ]
}

/// What is allowed, on every route.
pub(super) fn policy(cors: &Cors) -> Value {
    let origins: Vec<Value> = cors
        .allowed_origins
        .iter()
        .map(|origin| json!({"exact": origin}))
        .collect();
    let methods: Vec<&str> = cors.allowed_methods.iter().map(|m| m.as_str()).collect();
    let mut policy = json!({
        "allow_origin_string_match": origins,
        "allow_methods": methods.join(", "),
        "allow_headers": cors.allowed_headers.join(", "),
        "expose_headers": cors.exposed_headers.join(", "),
        "# Questions from other pages are answered here too, with nothing allowed.": null,
        "forward_not_matching_preflights": false,
    });
    if let Some(age) = cors.max_age {
        policy["max_age"] = whole_seconds(age).to_string().into();
    }
    typed("envoy.extensions.filters.http.cors.v3.CorsPolicy", policy)
}
