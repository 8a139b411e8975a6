//! What the gateway itself says: problem details (RFC 9457), as the services and the embedded gateway do.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Facts, extension, header, whole_seconds};

/// Statuses with the words that go with them, where nothing better is known.
const PLAIN: [(u16, &str, &str); 10] = [
    (400, "Bad Request", "the request cannot be understood"),
    (404, "Not Found", "no route leads there"),
    (408, "Request Timeout", "the request did not come in time"),
    (
        413,
        "Payload Too Large",
        "the body is larger than the route takes",
    ),
    (426, "Upgrade Required", "the request cannot be understood"),
    (429, "Too Many Requests", "the limit of requests is reached"),
    (
        431,
        "Request Header Fields Too Large",
        "the headers are too large",
    ),
    (
        502,
        "Bad Gateway",
        "the service gave no answer that can be used",
    ),
    (
        503,
        "Service Unavailable",
        "the service is not available now",
    ),
    (504, "Gateway Timeout", "the service did not answer in time"),
];

/// The first that fits is told.
pub(super) fn config(facts: &Facts<'_>) -> Value {
    let mut mappers = vec![
        direct(400, "Bad Request"),
        direct(405, "Method Not Allowed"),
        challenged(direct(401, "Unauthorized"), "Bearer"),
        challenged(
            refused(
                "response.code_details.contains('Jwt_is_missing')",
                "a bearer token is needed",
            ),
            "Bearer",
        ),
        // An audience and an algorithm that are not ours make a token that does not hold: 401, where Envoy says 403.
        challenged(
            refused(
                "response.code == 401 || response.code_details.contains('Audiences_in_Jwt') || response.code_details.contains('[algorithm]')",
                "the token is not valid",
            ),
            r#"Bearer error="invalid_token""#,
        ),
        challenged(
            answer(
                when("response.code == 403"),
                403,
                "Forbidden",
                "the token lacks the scope that is needed",
            ),
            r#"Bearer error="insufficient_scope""#,
        ),
        answer(
            flags(&["UF", "UC", "UR", "LR"]),
            502,
            "Bad Gateway",
            "the service could not be reached",
        ),
        unavailable(facts),
    ];
    let plain = PLAIN.iter().map(|(code, title, detail)| {
        let filter = when(&format!("response.code == {code}"));
        answer(filter, *code, title, detail)
    });
    mappers.extend(plain);
    json!({
        "mappers": mappers,
        "body_format": body("%RESPONSE_CODE%".into(), "Error", "the request was not served"),
    })
}

/// Nobody is left to ask; after the breaker's rest somebody is again.
fn unavailable(facts: &Facts<'_>) -> Value {
    let rests = facts
        .upstreams
        .iter()
        .filter_map(|upstream| upstream.breaker);
    let longest: Option<Duration> = rests.map(|breaker| breaker.recovery_timeout).max();
    let told = answer(
        flags(&["UH", "UO"]),
        503,
        "Service Unavailable",
        "the service is not available now",
    );
    match longest {
        Some(rest) => with_header(told, "retry-after", &whole_seconds(rest).to_string()),
        None => told,
    }
}

fn flags(flags: &[&str]) -> Value {
    json!({"response_flag_filter": {"flags": flags}})
}

/// A condition on the answer, as an expression (CEL).
fn when(condition: &str) -> Value {
    let filter = extension(
        "envoy.access_loggers.extension_filters.cel",
        "envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
        json!({"expression": condition}),
    );
    json!({"extension_filter": filter})
}

fn answer(filter: Value, status: u16, title: &str, detail: &str) -> Value {
    json!({
        "filter": filter,
        "status_code": status,
        "body_format_override": body(status.into(), title, detail),
    })
}

/// What a route says itself goes on as it is.
fn direct(code: u16, title: &str) -> Value {
    let condition =
        format!("response.code == {code} && response.code_details == 'direct_response'");
    answer(when(&condition), code, title, "%LOCAL_REPLY_BODY%")
}

fn refused(condition: &str, detail: &str) -> Value {
    answer(when(condition), 401, "Unauthorized", detail)
}

fn challenged(told: Value, challenge: &str) -> Value {
    with_header(told, "www-authenticate", challenge)
}

fn with_header(mut told: Value, name: &str, value: &str) -> Value {
    told["headers_to_add"] = json!([header(name, value)]);
    told
}

fn body(status: Value, title: &str, detail: &str) -> Value {
    json!({
        "json_format": {"type": "about:blank", "title": title, "status": status, "detail": detail},
        "content_type": "application/problem+json",
    })
}
