//! The correlation id: taken over from the caller where it is short and plain, else the id of the request; told to the caller.

use serde_json::{Value, json};

use super::super::{Facts, extension, header};

pub(super) fn filter(facts: &Facts<'_>) -> Value {
    let name = facts.correlation_header();
    let given = format!("request.headers['{name}']");
    let chosen = format!(
        "%CEL('{name}' in request.headers && size({given}) <= 128 && {given}.matches('^[A-Za-z0-9._:/+=@-]+$') ? {given} : request.headers['x-request-id'])%"
    );
    extension(
        "correlation",
        "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
        json!({
            "mutations": {
                "request_mutations": [{"append": header(&name, &chosen)}],
                "response_mutations": [
                    {"append": header(&name, &format!("%REQ({name})%"))},
                    // Outsiders learn nothing of what is inside.
                    {"remove_on_match": {"key_matcher": {"prefix": "x-envoy-"}}},
                ],
            },
        }),
    )
}
