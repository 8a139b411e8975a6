//! Bodies of requests: the one that fits, changed in one place.

use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

/// JSON from its text.
///
/// # Panics
/// When it is none.
#[must_use]
#[track_caller]
pub fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("not JSON: {error}\n{text}"))
}

/// A value from its JSON.
///
/// # Panics
/// When it does not fit the type.
#[must_use]
#[track_caller]
pub fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_value(parsed(text)).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// An identity from its text.
///
/// # Panics
/// When it is none.
#[must_use]
#[track_caller]
pub fn uuid(text: &str) -> Uuid {
    text.parse()
        .unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A body without the field at a pointer.
#[must_use]
#[track_caller]
pub fn without(body: &str, pointer: &str) -> String {
    let mut json = parsed(body);
    if let Some((Value::Object(object), field)) = parent(&mut json, pointer) {
        object.remove(&field);
    }
    json.to_string()
}

/// A body with another value at a pointer.
#[must_use]
#[track_caller]
pub fn with(body: &str, pointer: &str, value: impl AsRef<str>) -> String {
    let mut json = parsed(body);
    if let Some((Value::Object(object), field)) = parent(&mut json, pointer) {
        object.insert(field, parsed(value.as_ref()));
    }
    json.to_string()
}

/// A body with another value for each of some fields: `changed(BODY, r#"{"name": "other"}"#)`.
#[must_use]
#[track_caller]
pub fn changed(body: &str, changes: &str) -> String {
    let mut json = parsed(body);
    if let (Value::Object(object), Value::Object(changes)) = (&mut json, parsed(changes)) {
        object.extend(changes);
    }
    json.to_string()
}

/// A text of a length, as JSON.
#[must_use]
pub fn long(length: usize) -> String {
    Value::String("x".repeat(length)).to_string()
}

fn parent<'j>(json: &'j mut Value, pointer: &str) -> Option<(&'j mut Value, String)> {
    let (parent, field) = pointer.rsplit_once('/')?;
    let field = field.replace("~1", "/").replace("~0", "~");
    Some((json.pointer_mut(parent)?, field))
}
