//! The description of a service's API (OpenAPI 3.1): what it serves, as a tree of JSON values in a fixed order.
//!
//! The service embeds the file and serves it, and its routes are made from the same operations.

mod components;
mod fields;
mod headers;
mod operation;
mod problems;

use serde_json::{Value, json};

use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::endpoint::{Action, Endpoint, IdempotencyKey, Method};
use crate::model::name::Name;
use crate::plan::names::Names;
use crate::plan::schema::{Object, describe};
use components::Components;

/// The version of the OpenAPI Specification that the files are written in.
pub const OPENAPI: &str = "3.1.0";

/// Describes the API of a service.
#[must_use]
pub fn description(model: &Model, names: &Names<'_>, service: ServiceId) -> Value {
    let mut components = Components::new(model, names, service);
    let paths = paths(model, service, &mut components);
    let mut document = Object::new();
    document.insert("openapi".to_owned(), json!(OPENAPI));
    document.insert("info".to_owned(), info(model, service));
    document.insert("servers".to_owned(), servers(model, service));
    document.insert("tags".to_owned(), tags(model, service));
    document.insert("paths".to_owned(), Value::Object(paths));
    document.insert(
        "components".to_owned(),
        Value::Object(components.into_object()),
    );
    Value::Object(document)
}

fn info(model: &Model, service: ServiceId) -> Value {
    let service = &model.services[service];
    let about = service
        .description
        .clone()
        .or_else(|| capabilities(service));
    let operations = "Beside the operations below it answers `GET /health/live`, `GET /health/ready`, `GET /metrics` and \
        `GET /openapi.yaml`, which need no token and do not pass the gateway.";
    let text = match about {
        Some(about) => format!("{}\n\n{operations}", tidy(&about)),
        None => operations.to_owned(),
    };
    let mut info = Object::new();
    info.insert("title".to_owned(), json!(service.name.as_str()));
    info.insert("version".to_owned(), json!("1.0.0"));
    describe(&mut info, Some(&text));
    if let Some(team) = service.team.map(|team| &model.teams[team]) {
        info.insert("contact".to_owned(), json!({ "name": team.name.as_str() }));
    }
    Value::Object(info)
}

fn capabilities(service: &crate::model::service::Service) -> Option<String> {
    let words: Vec<String> = service
        .capabilities
        .iter()
        .map(|capability| capability.value.replace('_', " "))
        .collect();
    (!words.is_empty()).then(|| format!("Capabilities: {}.", words.join(", ")))
}

/// Text without blanks at line ends, so that it stands in the file as a block.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
    lines.join("\n")
}

fn servers(model: &Model, service: ServiceId) -> Value {
    let service = &model.services[service];
    json!([
        {"url": "/", "description": "The service that serves this file."},
        {"url": format!("http://{}:{}", service.name.kebab(), service.port), "description": "Inside the deployed system."},
    ])
}

/// Operations are grouped by the data that they are about, in order of first appearance.
fn tags(model: &Model, service: ServiceId) -> Value {
    let mut tags: Vec<Value> = Vec::new();
    for id in &model.services[service].endpoints {
        let (name, description) = operation::tag(model, &model.endpoints[*id]);
        if tags.iter().all(|tag| tag["name"] != name) {
            let mut tag = Object::new();
            tag.insert("name".to_owned(), json!(name));
            describe(&mut tag, description.as_deref().map(tidy).as_deref());
            tags.push(Value::Object(tag));
        }
    }
    Value::Array(tags)
}

fn paths(model: &Model, service: ServiceId, components: &mut Components<'_>) -> Object {
    let mut paths = Object::new();
    for id in &model.services[service].endpoints {
        let endpoint = &model.endpoints[*id];
        let described = operation::describe_operation(model, endpoint, components);
        let path = paths
            .entry(endpoint.path.value.clone())
            .or_insert_with(|| json!({}));
        path[endpoint.method.as_str().to_ascii_lowercase()] = described;
    }
    paths
}

/// Whether tokens are checked at all.
fn is_authenticated(model: &Model) -> bool {
    model.authentication().is_some()
}

/// `Places an order`-like heading: the operation's name in words.
fn heading(name: &Name) -> String {
    let words = name.snake().replace('_', " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// What an operation must be told about the version that it changes.
fn wants_version(endpoint: &Endpoint) -> bool {
    matches!(endpoint.action, Action::Update(_) | Action::Delete(_))
}

/// Whether an `Idempotency-Key` is honoured.
fn takes_key(endpoint: &Endpoint) -> bool {
    endpoint.method == Method::Post
        && endpoint.writes
        && endpoint.idempotency_key != IdempotencyKey::None
}
