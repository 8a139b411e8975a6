//! Fields of a raw JSON Schema.

use serde_json::Value as Json;

use crate::model::name::Name;
use crate::model::types::{Field, Fields, Type};
use crate::syntax::source::Span;
use crate::syntax::yaml::Node;

/// The fields of a raw JSON Schema, as far as our types can say them; the rest is JSON.
pub(super) fn raw_fields(schema: &Node, span: Span) -> Fields {
    let json = schema.to_json();
    let required: Vec<&str> = json["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str())
        .collect();
    let properties = schema.get("properties").and_then(Node::as_map);
    let fields = properties
        .into_iter()
        .flat_map(|map| &map.entries)
        .map(|entry| {
            let name = Name::new(entry.key.value.to_string(), entry.key.span);
            let property = entry.value.to_json();
            let mut field = Field::new(
                name,
                raw_type(&property),
                required.contains(&&*entry.key.value),
            );
            field.description = property["description"].as_str().map(str::to_owned);
            field
        })
        .collect();
    Fields {
        fields,
        span,
        raw: Some(json),
        unknown: false,
    }
}

fn raw_type(property: &Json) -> Type {
    if let Some(words) = property["enum"].as_array() {
        let words: Option<Vec<String>> = words
            .iter()
            .map(|word| word.as_str().map(str::to_owned))
            .collect();
        return words
            .filter(|words| !words.is_empty())
            .map_or(Type::Json, Type::Enum);
    }
    match (property["type"].as_str(), property["format"].as_str()) {
        (Some("string"), Some("uuid")) => Type::Uuid,
        (Some("string"), Some("date-time")) => Type::Timestamp,
        (Some("string"), Some("date")) => Type::Date,
        (Some("string"), Some("decimal")) => Type::Decimal,
        (Some("string"), _) => Type::String,
        (Some("integer"), _) => Type::Integer,
        (Some("number"), _) => Type::Number,
        (Some("boolean"), _) => Type::Boolean,
        (Some("array"), _) => Type::Array(Box::new(raw_type(&property["items"]))),
        _ => Type::Json,
    }
}
