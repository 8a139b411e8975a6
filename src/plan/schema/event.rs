//! The schema of one version of an event.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{DIALECT, Object, Schemas, describe, needed_by};
use crate::model::Model;
use crate::model::event::{Event, EventVersion};

/// `OrderCreated.v1.json`.
#[must_use]
pub fn file_name(event: &Event, version: &EventVersion) -> String {
    format!("{}.v{}.json", event.name.pascal(), version.number)
}

/// The schema of an event's version. Its model is open: consumers pass over fields that they do not know, so that a producer may add some.
/// What the user wrote as JSON Schema stays as it is, with the dialect and the identity added where it has none.
#[must_use]
pub fn event_schema(model: &Model, event: &Event, version: &EventVersion) -> Value {
    let schemas = Schemas::new(model, "#/$defs/");
    let mut schema = Object::new();
    schema.insert("$schema".to_owned(), json!(DIALECT));
    schema.insert("$id".to_owned(), json!(identity(model, event, version)));
    schema.insert(
        "title".to_owned(),
        json!(format!("{} v{}", event.name, version.number)),
    );
    describe(&mut schema, event.description.as_deref());
    if version.deprecated {
        schema.insert("deprecated".to_owned(), json!(true));
    }
    if let Some(Value::Object(raw)) = &version.schema.raw {
        schema.extend(raw.clone());
        return Value::Object(schema);
    }
    schema.extend(schemas.object(&version.schema));
    schema.insert("additionalProperties".to_owned(), json!(true));
    let mut named = BTreeSet::new();
    needed_by(model, &version.schema, &mut named);
    if !named.is_empty() {
        let definitions = schemas.definitions(&named).into_iter().collect();
        schema.insert("$defs".to_owned(), Value::Object(definitions));
    }
    Value::Object(schema)
}

/// Names the schema for those who collect schemas of many systems.
fn identity(model: &Model, event: &Event, version: &EventVersion) -> String {
    format!(
        "urn:msarch:{}:event:{}:v{}",
        model.system.name.kebab(),
        event.name.pascal(),
        version.number
    )
}
