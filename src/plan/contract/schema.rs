//! JSON Schemas (2020-12) of payloads.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::model::Model;
use crate::model::arena::EventId;
use crate::model::event::EventVersion;
use crate::model::types::{Definition, Field, Fields, Type};
use crate::plan::types::Types;

/// `schemas/<event>.v<n>.json` of a contract.
#[derive(Debug, Clone, Serialize)]
pub struct SchemaFile {
    /// The file, without its folder.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The beginning of its test's name; none where the type is any JSON.
    pub test: Option<String>,
    /// The type that it is the schema of, as the contract's tests spell it.
    pub ty: String,
    /// A payload that fits, for the contract's tests.
    pub example: String,
}

pub(super) fn files(types: &Types<'_>, events: &[EventId]) -> Vec<SchemaFile> {
    let model = types.model;
    events
        .iter()
        .flat_map(|id| {
            let event = &model.events[*id];
            event
                .versions
                .iter()
                .enumerate()
                .map(move |(index, version)| {
                    let path = types.names.event_type(*id, index);
                    let title = format!("{} v{}", event.name, version.number);
                    let schema = event_schema(model, version, &title, event.description.as_deref());
                    let any = version.schema.fields.is_empty() && version.schema.raw.is_some();
                    SchemaFile {
                        test: (!any).then(|| format!("{}_v{}", event.name.snake(), version.number)),
                        file: format!("{}.v{}.json", event.name.kebab(), version.number),
                        text: pretty(&schema),
                        ty: path.rsplit("::").next().unwrap_or_default().to_owned(),
                        example: pretty(&example_of(model, &version.schema)),
                    }
                })
        })
        .collect()
}

/// JSON as people read it.
pub fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn event_schema(
    model: &Model,
    version: &EventVersion,
    title: &str,
    description: Option<&str>,
) -> Value {
    if let Some(raw) = &version.schema.raw {
        return raw.clone();
    }
    let mut schema = Map::new();
    schema.insert(
        "$schema".to_owned(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    schema.insert("title".to_owned(), json!(title));
    if let Some(description) = description {
        schema.insert("description".to_owned(), json!(description));
    }
    schema.extend(fields_schema(model, &version.schema, "#/$defs/"));
    let mut named = std::collections::BTreeSet::new();
    collect(model, &version.schema, &mut named);
    if !named.is_empty() {
        let defs: Map<String, Value> = named
            .iter()
            .map(|id| {
                (
                    model.types[*id].name.pascal(),
                    named_schema(model, *id, "#/$defs/"),
                )
            })
            .collect();
        schema.insert("$defs".to_owned(), Value::Object(defs));
    }
    Value::Object(schema)
}

fn collect(
    model: &Model,
    fields: &Fields,
    found: &mut std::collections::BTreeSet<crate::model::arena::TypeId>,
) {
    fn of(
        model: &Model,
        ty: &Type,
        found: &mut std::collections::BTreeSet<crate::model::arena::TypeId>,
    ) {
        match ty {
            Type::Array(item) => of(model, item, found),
            Type::Named(id) if found.insert(*id) => match &model.types[*id].definition {
                Definition::Record(fields) => collect(model, fields, found),
                Definition::Alias(other) => of(model, other, found),
            },
            _ => {}
        }
    }
    fields
        .fields
        .iter()
        .for_each(|field| of(model, &field.ty, found));
}

/// The schema of a named type; other named types are referred to below `base`.
pub fn named_schema(model: &Model, id: crate::model::arena::TypeId, base: &str) -> Value {
    let named = &model.types[id];
    let mut schema = match &named.definition {
        Definition::Record(fields) => fields_schema(model, fields, base),
        Definition::Alias(ty) => type_schema(model, ty, base),
    };
    if let Some(description) = &named.description {
        schema.insert("description".to_owned(), json!(description));
    }
    Value::Object(schema)
}

/// `type: object` with the fields as properties.
pub fn fields_schema(model: &Model, fields: &Fields, base: &str) -> Map<String, Value> {
    if let Some(Value::Object(raw)) = &fields.raw {
        return raw.clone();
    }
    let properties: Map<String, Value> = fields
        .fields
        .iter()
        .map(|field| {
            (
                field.name.as_str().to_owned(),
                field_schema(model, field, base),
            )
        })
        .collect();
    let required: Vec<&str> = fields
        .fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.name.as_str())
        .collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

/// The schema of one field, its limits included.
pub fn field_schema(model: &Model, field: &Field, base: &str) -> Value {
    let mut schema = type_schema(model, &field.ty, base);
    let limits = &field.limits;
    let (shortest, longest) = if matches!(field.ty, Type::Array(_)) {
        ("minItems", "maxItems")
    } else {
        ("minLength", "maxLength")
    };
    let decimal = field.ty == Type::Decimal;
    let number = |limit: f64| {
        if limit.fract() == 0.0 && limit.abs() < 9e15 {
            json!(limit as i64)
        } else {
            json!(limit)
        }
    };
    // A decimal travels as text, to which numeric limits say nothing.
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            schema.insert(key.to_owned(), value);
        }
    };
    set("minimum", limits.min.filter(|_| !decimal).map(number));
    set("maximum", limits.max.filter(|_| !decimal).map(number));
    set(shortest, limits.min_length.map(|length| json!(length)));
    set(longest, limits.max_length.map(|length| json!(length)));
    set(
        "pattern",
        limits.pattern.as_ref().map(|pattern| json!(pattern)),
    );
    set("default", field.default.clone());
    set(
        "description",
        field.description.as_ref().map(|text| json!(text)),
    );
    Value::Object(schema)
}

/// The schema of a type.
pub fn type_schema(model: &Model, ty: &Type, base: &str) -> Map<String, Value> {
    let schema = match ty {
        Type::Uuid => json!({"type": "string", "format": "uuid"}),
        Type::String => json!({"type": "string"}),
        Type::Integer => json!({"type": "integer", "format": "int64"}),
        Type::Number => json!({"type": "number"}),
        Type::Decimal => {
            json!({"type": "string", "format": "decimal", "pattern": r"^-?\d+(\.\d+)?$"})
        }
        Type::Boolean => json!({"type": "boolean"}),
        Type::Date => json!({"type": "string", "format": "date"}),
        Type::Timestamp => json!({"type": "string", "format": "date-time"}),
        Type::Json => json!({}),
        Type::Named(id) => json!({"$ref": format!("{base}{}", model.types[*id].name.pascal())}),
        Type::Enum(words) => json!({"type": "string", "enum": words}),
        Type::Array(item) => json!({"type": "array", "items": type_schema(model, item, base)}),
    };
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

/// A payload that fits some fields.
pub fn example_of(model: &Model, fields: &Fields) -> Value {
    Value::Object(
        fields
            .fields
            .iter()
            .map(|field| (field.name.as_str().to_owned(), example(model, field)))
            .collect(),
    )
}

/// A value that fits a field.
pub fn example(model: &Model, field: &Field) -> Value {
    if let Some(default) = &field.default {
        return default.clone();
    }
    let limits = &field.limits;
    match &field.ty {
        Type::Integer => {
            let least =
                limits
                    .min
                    .map_or(1.0, f64::ceil)
                    .max(if limits.max.is_some_and(|max| max < 1.0) {
                        f64::MIN
                    } else {
                        1.0
                    });
            json!(limits.max.map_or(least, |max| least.min(max.floor())) as i64)
        }
        Type::Number => json!(within(limits.min, limits.max)),
        Type::Decimal => json!(within(limits.min, limits.max).to_string()),
        Type::String => json!(text(field)),
        Type::Array(item) => {
            let count = limits.min_length.unwrap_or(1).max(1);
            let one = Field {
                ty: (**item).clone(),
                limits: crate::model::types::Limits::default(),
                default: None,
                ..field.clone()
            };
            Value::Array((0..count).map(|_| example(model, &one)).collect())
        }
        ty => type_example(model, ty),
    }
}

fn within(min: Option<f64>, max: Option<f64>) -> f64 {
    match (min, max) {
        (Some(min), Some(max)) => (min + max) / 2.0,
        (Some(min), None) => min.max(1.0),
        (None, Some(max)) => max.min(1.0),
        (None, None) => 1.0,
    }
}

fn text(field: &Field) -> String {
    let name = field.name.snake();
    let mut text = if name.contains("email") {
        "someone@example.com".to_owned()
    } else {
        format!("some {}", name.replace('_', " "))
    };
    let (least, most) = (
        field.limits.min_length.unwrap_or(0) as usize,
        field
            .limits
            .max_length
            .map_or(usize::MAX, |most| most as usize),
    );
    while text.chars().count() < least {
        text.push('x');
    }
    text.chars().take(most).collect()
}

fn type_example(model: &Model, ty: &Type) -> Value {
    match ty {
        Type::Uuid => json!("0190d0a0-0000-7000-8000-000000000001"),
        Type::Boolean => json!(true),
        Type::Date => json!("2024-02-29"),
        Type::Timestamp => json!("2024-02-29T12:00:00Z"),
        Type::Json => json!({"note": "anything"}),
        Type::Enum(words) => json!(words.first()),
        Type::Named(id) => match &model.types[*id].definition {
            Definition::Record(fields) => example_of(model, fields),
            Definition::Alias(other) => type_example(model, other),
        },
        Type::String => json!("some text"),
        Type::Integer => json!(1),
        Type::Number => json!(1.0),
        Type::Decimal => json!("1.00"),
        Type::Array(item) => json!([type_example(model, item)]),
    }
}
