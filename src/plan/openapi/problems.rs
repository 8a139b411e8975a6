//! What can go wrong with an operation, as problem details (RFC 9457), each status where it can occur.

use serde_json::{Value, json};

use super::{is_authenticated, takes_key, wants_version};
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::endpoint::{Action, Body, Endpoint, Segment};
use crate::plan::schema::Object;

/// The media type of problem details.
const MEDIA_TYPE: &str = "application/problem+json";

/// A status, the name of its component, what it means here, and the headers that come with it.
struct Status {
    code: u16,
    name: &'static str,
    description: &'static str,
    headers: &'static [&'static str],
}

const STATUSES: &[Status] = &[
    status(
        400,
        "BadRequest",
        "The request does not fit this description; `errors` names each field that is wrong.",
        &[],
    ),
    status(
        401,
        "Unauthorized",
        "No token, or one that does not hold.",
        &["WWW-Authenticate"],
    ),
    status(
        403,
        "Forbidden",
        "The token lacks the scope that the operation needs.",
        &["WWW-Authenticate"],
    ),
    status(404, "NotFound", "There is no such record.", &[]),
    status(
        409,
        "Conflict",
        "The state of the data does not allow it, another record has the same unique value, or a request with the same idempotency key is under way.",
        &[],
    ),
    status(
        412,
        "PreconditionFailed",
        "The record is not at the version that `If-Match` names.",
        &[],
    ),
    status(
        413,
        "ContentTooLarge",
        "The body is larger than the service reads.",
        &[],
    ),
    status(415, "UnsupportedMediaType", "The body is not JSON.", &[]),
    status(
        422,
        "UnprocessableContent",
        "The request is understood and refused, or its idempotency key came with another body before.",
        &[],
    ),
    status(
        428,
        "PreconditionRequired",
        "`If-Match` is missing: say which version is meant.",
        &[],
    ),
    status(
        429,
        "TooManyRequests",
        "The limit of requests is reached; the gateway says so.",
        &["Retry-After"],
    ),
    status(
        500,
        "InternalServerError",
        "The service failed; its log says why.",
        &[],
    ),
    status(
        502,
        "BadGateway",
        "A service behind this one answered what cannot be used.",
        &[],
    ),
    status(
        503,
        "ServiceUnavailable",
        "It cannot be served now.",
        &["Retry-After"],
    ),
    status(504, "GatewayTimeout", "It was not done in time.", &[]),
];

const fn status(
    code: u16,
    name: &'static str,
    description: &'static str,
    headers: &'static [&'static str],
) -> Status {
    Status {
        code,
        name,
        description,
        headers,
    }
}

/// The problems of an operation, by status, as references to components.
pub(super) fn problems(
    model: &Model,
    endpoint: &Endpoint,
) -> impl Iterator<Item = (String, &'static str)> {
    let held: Vec<u16> = STATUSES
        .iter()
        .map(|status| status.code)
        .filter(|code| can_occur(model, endpoint, *code))
        .collect();
    STATUSES
        .iter()
        .filter(move |status| held.contains(&status.code))
        .map(|status| (status.code.to_string(), status.name))
}

fn can_occur(model: &Model, endpoint: &Endpoint, code: u16) -> bool {
    let body = !matches!(endpoint.request, Body::None);
    let parameter = endpoint
        .segments
        .iter()
        .any(|segment| matches!(segment, Segment::Parameter(_)));
    let list = matches!(endpoint.action, Action::List { .. });
    let key = takes_key(endpoint);
    match code {
        400 => body || parameter || list || key || wants_version(endpoint),
        401 => is_authenticated(model),
        403 => is_authenticated(model) && !endpoint.public && endpoint.scope.is_some(),
        404 => parameter || endpoint.effects.iter().any(Effect::needs_data),
        409 => endpoint.writes,
        412 | 428 => wants_version(endpoint),
        413 | 415 => body,
        422 => body || key || !endpoint.effects.is_empty(),
        429 => is_limited(model),
        502 => calls(model, endpoint),
        _ => true,
    }
}

fn is_limited(model: &Model) -> bool {
    model.gateway.as_ref().is_some_and(|gateway| {
        gateway.rate_limit.is_some()
            || gateway
                .routes
                .iter()
                .any(|route| route.rate_limit.is_some())
    })
}

fn calls(model: &Model, endpoint: &Endpoint) -> bool {
    match endpoint.owner {
        crate::model::service::Party::Service(service) => !model.services[service].calls.is_empty(),
        crate::model::service::Party::External(_) => false,
    }
}

/// The component of a status.
pub(super) fn response(name: &str) -> Option<Value> {
    let status = STATUSES.iter().find(|status| status.name == name)?;
    let mut response = Object::new();
    response.insert("description".to_owned(), json!(status.description));
    if !status.headers.is_empty() {
        let headers = status
            .headers
            .iter()
            .map(|header| ((*header).to_owned(), super::headers::refer(header)));
        response.insert("headers".to_owned(), Value::Object(headers.collect()));
    }
    let title = title(status.code);
    response.insert(
        "content".to_owned(),
        json!({ MEDIA_TYPE: {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": {"type": "about:blank", "title": title, "status": status.code, "detail": status.description.replace('`', "")},
        }}),
    );
    Some(Value::Object(response))
}

/// The headers that the response of a status refers to.
pub(super) fn headers_of(name: &str) -> &'static [&'static str] {
    STATUSES
        .iter()
        .find(|status| status.name == name)
        .map_or(&[], |status| status.headers)
}

/// The reason phrase (RFC 9110 section 15), which is the title of a problem without a type of its own.
fn title(code: u16) -> &'static str {
    match code {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Internal Server Error",
    }
}

/// The schema of problem details.
pub(super) fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "Problem details (RFC 9457).",
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "description": "The kind of problem."},
            "title": {"type": "string", "description": "The kind in words."},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "What happened this time."},
            "instance": {"type": "string", "format": "uri-reference", "description": "Names this occurrence."},
            "errors": {
                "type": "array",
                "description": "The fields that are wrong.",
                "items": {
                    "type": "object",
                    "properties": {
                        "pointer": {"type": "string", "format": "json-pointer", "description": "JSON Pointer (RFC 6901) to the field within its part of the request."},
                        "in": {"type": "string", "enum": ["body", "path", "query", "header"], "description": "The part of the request."},
                        "detail": {"type": "string"},
                    },
                    "required": ["pointer", "in", "detail"],
                },
            },
        },
        "required": ["type", "title", "status"],
    })
}
