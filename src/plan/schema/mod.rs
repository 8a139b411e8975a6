//! JSON Schema (2020-12) of the file's types: one spelling for the schemas of events and for the descriptions of APIs.

mod event;
mod example;
mod form;
pub(in crate::plan) mod pattern;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

pub use event::{event_schema, file_name};
pub use example::{example, example_of, example_of_all};
pub use form::form;

use crate::model::Model;
use crate::model::arena::TypeId;
use crate::model::types::{Definition, Field, Fields, Type};

/// The dialect of every schema.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A JSON object.
pub type Object = Map<String, Value>;

/// Spells schemas; named types are referred to below one place.
#[derive(Debug)]
pub struct Schemas<'m> {
    /// The architecture.
    pub model: &'m Model,
    base: &'static str,
    names: BTreeMap<TypeId, String>,
}

impl<'m> Schemas<'m> {
    /// Refers to named types by their own names below `base`: `#/$defs/`.
    #[must_use]
    pub fn new(model: &'m Model, base: &'static str) -> Self {
        Self {
            model,
            base,
            names: BTreeMap::new(),
        }
    }

    /// Refers to a named type by another name, where its own is taken.
    pub fn rename(&mut self, id: TypeId, name: String) {
        self.names.insert(id, name);
    }

    /// What a named type is called below the base.
    #[must_use]
    pub fn name(&self, id: TypeId) -> String {
        self.names
            .get(&id)
            .cloned()
            .unwrap_or_else(|| self.model.types[id].name.pascal())
    }

    /// The schema of a named type.
    #[must_use]
    pub fn named(&self, id: TypeId) -> Value {
        let named = &self.model.types[id];
        let mut schema = match &named.definition {
            Definition::Record(fields) => self.object(fields),
            Definition::Alias(ty) => self.ty(ty),
        };
        describe(&mut schema, named.description.as_deref());
        Value::Object(schema)
    }

    /// `type: object` with the fields as properties; what the user wrote as JSON Schema stays as it is.
    #[must_use]
    pub fn object(&self, fields: &Fields) -> Object {
        if let Some(Value::Object(raw)) = &fields.raw {
            return raw.clone();
        }
        self.record(fields.fields.iter())
    }

    /// `type: object` with some fields as properties.
    #[must_use]
    pub fn record<'f>(&self, fields: impl Iterator<Item = &'f Field>) -> Object {
        let (mut properties, mut required) = (Object::new(), Vec::new());
        for field in fields {
            properties.insert(field.name.as_str().to_owned(), self.field(field));
            if field.required {
                required.push(json!(field.name.as_str()));
            }
        }
        let mut schema = Object::new();
        schema.insert("type".to_owned(), json!("object"));
        schema.insert("properties".to_owned(), Value::Object(properties));
        if !required.is_empty() {
            schema.insert("required".to_owned(), Value::Array(required));
        }
        schema
    }

    /// The schema of one field, its limits, default and meaning included.
    #[must_use]
    pub fn field(&self, field: &Field) -> Value {
        let mut schema = self.ty(&field.ty);
        self.limit(field, &mut schema);
        if let Some(default) = &field.default {
            schema.insert("default".to_owned(), Value::clone(default));
        }
        describe(&mut schema, field.description.as_deref());
        Value::Object(schema)
    }

    fn limit(&self, field: &Field, schema: &mut Object) {
        let limits = &field.limits;
        let mut set = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                schema.insert(key.to_owned(), value);
            }
        };
        match self.model.resolved(&field.ty) {
            Type::Integer | Type::Number => {
                set("minimum", limits.min.map(number));
                set("maximum", limits.max.map(number));
            }
            // A decimal travels as text, to which numeric limits say nothing; that it has no sign can be said, the rest is told.
            Type::Decimal => {
                let unsigned = limits.min.is_some_and(|least| least >= 0.0);
                set("pattern", unsigned.then(|| json!(UNSIGNED_DECIMAL)));
                set("x-minimum", limits.min.map(number));
                set("x-maximum", limits.max.map(number));
            }
            Type::String => {
                set("minLength", limits.min_length.map(|length| json!(length)));
                set("maxLength", limits.max_length.map(|length| json!(length)));
                set(
                    "pattern",
                    limits.pattern.as_ref().map(|pattern| json!(pattern)),
                );
            }
            Type::Array(_) => {
                set("minItems", limits.min_length.map(|length| json!(length)));
                set("maxItems", limits.max_length.map(|length| json!(length)));
            }
            _ => {}
        }
    }

    /// The schema of a type.
    #[must_use]
    pub fn ty(&self, ty: &Type) -> Object {
        let schema = match ty {
            Type::Uuid => json!({"type": "string", "format": "uuid"}),
            Type::String => json!({"type": "string"}),
            Type::Integer => json!({"type": "integer", "format": "int64"}),
            Type::Number => json!({"type": "number", "format": "double"}),
            Type::Decimal => json!({"type": "string", "format": "decimal", "pattern": DECIMAL}),
            Type::Boolean => json!({"type": "boolean"}),
            Type::Date => json!({"type": "string", "format": "date"}),
            Type::Timestamp => json!({"type": "string", "format": "date-time"}),
            Type::Json | Type::Unknown => json!({}),
            Type::Named(id) => json!({"$ref": format!("{}{}", self.base, self.name(*id))}),
            Type::Enum(words) => json!({"type": "string", "enum": words}),
            Type::Array(item) => json!({"type": "array", "items": self.ty(item)}),
        };
        match schema {
            Value::Object(schema) => schema,
            _ => Object::new(),
        }
    }

    /// The schemas of some named types, by name.
    #[must_use]
    pub fn definitions(&self, ids: &BTreeSet<TypeId>) -> BTreeMap<String, Value> {
        ids.iter()
            .map(|id| (self.name(*id), self.named(*id)))
            .collect()
    }
}

const DECIMAL: &str = r"^-?\d+(\.\d+)?$";
const UNSIGNED_DECIMAL: &str = r"^\d+(\.\d+)?$";

/// A limit without a fraction is written without one.
#[expect(
    clippy::cast_possible_truncation,
    reason = "only whole numbers that a double holds exactly are cast"
)]
fn number(limit: f64) -> Value {
    if limit.fract() == 0.0 && limit.abs() < 9e15 {
        json!(limit as i64)
    } else {
        json!(limit)
    }
}

/// Adds a description, where there is one.
pub(super) fn describe(schema: &mut Object, description: Option<&str>) {
    if let Some(description) = description {
        schema.insert("description".to_owned(), json!(description));
    }
}

/// Adds the named types that a type needs, through and through.
pub fn needed(model: &Model, ty: &Type, found: &mut BTreeSet<TypeId>) {
    match ty {
        Type::Array(item) => needed(model, item, found),
        Type::Named(id) if found.insert(*id) => match &model.types[*id].definition {
            Definition::Record(fields) => needed_by(model, fields, found),
            Definition::Alias(other) => needed(model, other, found),
        },
        _ => {}
    }
}

/// Adds the named types that some fields need.
pub fn needed_by(model: &Model, fields: &Fields, found: &mut BTreeSet<TypeId>) {
    for field in &fields.fields {
        needed(model, &field.ty, found);
    }
}

/// JSON as people read it.
#[must_use]
pub fn pretty(value: &Value) -> String {
    format!("{value:#}")
}
