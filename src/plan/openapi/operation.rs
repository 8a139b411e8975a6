//! One operation: parameters, body, answers.

use serde_json::{Value, json};

use super::components::Components;
use super::{headers, heading, is_authenticated, problems, takes_key, tidy, wants_version};
use crate::model::Model;
use crate::model::endpoint::{Action, Body, Endpoint, IdempotencyKey, Segment};
use crate::plan::schema::{Object, describe};
use crate::plan::service::cache::serving;

/// What groups the operation with others: the data that it is about.
pub(super) fn tag(model: &Model, endpoint: &Endpoint) -> (String, Option<String>) {
    let entity = match (&endpoint.action, &endpoint.response) {
        (
            Action::Create(id)
            | Action::Read(id)
            | Action::Update(id)
            | Action::Delete(id)
            | Action::List { entity: id, .. },
            _,
        )
        | (_, Body::Entity(id) | Body::Page(id)) => Some(*id),
        (Action::Aggregate(run), _) => Some(model.aggregates[run.aggregate].entity),
        (Action::Command, _) => None,
    };
    match entity.map(|id| &model.entities[id]) {
        Some(entity) => (entity.name.as_str().to_owned(), entity.description.clone()),
        None => {
            let first = endpoint.segments.iter().find_map(|segment| match segment {
                Segment::Literal(text) => Some(text.clone()),
                Segment::Parameter(_) => None,
            });
            (first.unwrap_or_else(|| "commands".to_owned()), None)
        }
    }
}

/// Describes one operation.
pub(super) fn describe_operation(
    model: &Model,
    endpoint: &Endpoint,
    components: &mut Components<'_>,
) -> Value {
    let mut operation = Object::new();
    operation.insert("operationId".to_owned(), json!(endpoint.name.snake()));
    operation.insert("tags".to_owned(), json!([tag(model, endpoint).0]));
    operation.insert("summary".to_owned(), json!(heading(&endpoint.name)));
    let text = about(model, endpoint);
    describe(&mut operation, (!text.is_empty()).then_some(text.as_str()));
    if is_authenticated(model) {
        operation.insert("security".to_owned(), security(endpoint));
    }
    if endpoint.answer.is_none() {
        operation.insert("x-answered-by".to_owned(), json!("handler"));
    }
    let mut parameters = parameters(endpoint, components);
    if serving(model, endpoint).is_some_and(|cache| cache.edge.is_some()) {
        parameters.push(components.parameter("IfNoneMatch", headers::if_none_match()));
    }
    if !parameters.is_empty() {
        operation.insert("parameters".to_owned(), Value::Array(parameters));
    }
    if let Some((schema, example)) = components.request(endpoint) {
        operation.insert(
            "requestBody".to_owned(),
            json!({"required": true, "content": content(schema, example)}),
        );
    }
    let mut responses = Object::new();
    let (status, answer) = success(endpoint, components);
    responses.insert(status.to_owned(), answer);
    if let Some(cache) = serving(model, endpoint).filter(|cache| cache.edge.is_some()) {
        let of = components.record_words(cache.entity);
        responses.insert("304".to_owned(), unchanged(&of, components));
    }
    for (status, name) in problems::problems(model, endpoint) {
        responses.insert(status, components.problem(name));
    }
    operation.insert("responses".to_owned(), Value::Object(responses));
    Value::Object(operation)
}

fn about(model: &Model, endpoint: &Endpoint) -> String {
    let mut parts: Vec<String> = endpoint.description.iter().map(|text| tidy(text)).collect();
    if let Some(scope) = endpoint
        .scope
        .as_ref()
        .filter(|_| !endpoint.public && is_authenticated(model))
    {
        parts.push(format!(
            "Needs the scope `{}`.",
            scope.value.replace('`', "'")
        ));
    }
    let events: Vec<String> = endpoint
        .emits
        .iter()
        .map(|emission| format!("`{}`", model.events[emission.event].name))
        .collect();
    if !events.is_empty() {
        parts.push(format!("Publishes {}.", events.join(", ")));
    }
    if let Some(timeout) = &endpoint.timeout {
        parts.push(format!("Is given {} ms.", timeout.value.as_millis()));
    }
    parts.join("\n\n")
}

/// No entry means that anybody may call.
fn security(endpoint: &Endpoint) -> Value {
    if endpoint.public {
        return json!([]);
    }
    let scopes: Vec<&str> = endpoint
        .scope
        .iter()
        .map(|scope| scope.value.as_str())
        .collect();
    json!([{ "bearerAuth": scopes }])
}

fn parameters(endpoint: &Endpoint, components: &mut Components<'_>) -> Vec<Value> {
    let mut parameters: Vec<Value> = endpoint
        .segments
        .iter()
        .filter_map(|segment| match segment {
            Segment::Parameter(name) => {
                let schema = json!({"type": "string", "format": "uuid"});
                Some(json!({"name": name.as_str(), "in": "path", "required": true, "schema": schema}))
            }
            Segment::Literal(_) => None,
        })
        .collect();
    if let Action::List { entity, filters } = &endpoint.action {
        parameters.extend(
            filters
                .iter()
                .filter_map(|name| components.filter(*entity, name)),
        );
        parameters.push(components.parameter("Limit", headers::limit()));
        parameters.push(components.parameter("Cursor", headers::cursor()));
    }
    if wants_version(endpoint) {
        parameters.push(components.parameter("IfMatch", headers::if_match()));
    }
    match endpoint.idempotency_key {
        _ if !takes_key(endpoint) => {}
        IdempotencyKey::Required => parameters
            .push(components.parameter("RequiredIdempotencyKey", headers::idempotency_key(true))),
        IdempotencyKey::Optional => {
            parameters.push(components.parameter("IdempotencyKey", headers::idempotency_key(false)))
        }
        IdempotencyKey::None => {}
    }
    parameters
}

/// The answer when all goes well. A record that is new says where it is; one without a body is 204.
fn success(endpoint: &Endpoint, components: &mut Components<'_>) -> (&'static str, Value) {
    let created = creates(endpoint);
    let description = match &endpoint.action {
        Action::Create(entity) => format!("The new {}.", components.record_words(*entity)),
        Action::Read(entity) => format!("The {}.", components.record_words(*entity)),
        Action::List { .. } => "One page.".to_owned(),
        Action::Update(entity) => format!("The {} as it is now.", components.record_words(*entity)),
        Action::Delete(_) => "It is gone.".to_owned(),
        Action::Aggregate(_) if created => "It has begun.".to_owned(),
        Action::Aggregate(_) | Action::Command => "Done.".to_owned(),
    };
    let mut response = Object::new();
    response.insert("description".to_owned(), json!(description));
    let Some((schema, example)) = components.answer(endpoint) else {
        return ("204", Value::Object(response));
    };
    let record = matches!(endpoint.response, Body::Entity(_));
    let status = if record && created { "201" } else { "200" };
    if record {
        let mut headers = Object::new();
        headers.insert("ETag".to_owned(), components.header("ETag"));
        if created {
            headers.insert("Location".to_owned(), components.header("Location"));
        }
        response.insert("headers".to_owned(), Value::Object(headers));
    }
    response.insert("content".to_owned(), content(schema, example));
    (status, Value::Object(response))
}

/// The answer to who has it already.
fn unchanged(of: &str, components: &mut Components<'_>) -> Value {
    json!({
        "description": format!("The {of} is as `If-None-Match` knows it."),
        "headers": {"ETag": components.header("ETag"), "Cache-Control": components.header("Cache-Control")},
    })
}

/// Whether the operation begins the life of a record.
fn creates(endpoint: &Endpoint) -> bool {
    match &endpoint.action {
        Action::Create(_) => true,
        Action::Aggregate(run) => run.id.is_none(),
        _ => false,
    }
}

fn content(schema: Value, example: Option<Value>) -> Value {
    let mut media = Object::new();
    media.insert("schema".to_owned(), schema);
    if let Some(example) = example {
        media.insert("example".to_owned(), example);
    }
    json!({ "application/json": media })
}
