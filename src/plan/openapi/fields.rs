//! Fields as requests and answers have them.

use serde_json::json;

use crate::model::Model;
use crate::model::name::Name;
use crate::model::types::{Field, FieldLimits, Type};
use crate::plan::schema;
use crate::syntax::source::Span;

/// Fields as a request has them: what has a default may be left out, and in a partial change everything may.
pub(super) fn settled(fields: &[Field], partial: bool) -> Vec<Field> {
    let settle = |field: &Field| Field {
        required: field.required && field.default.is_none() && !partial,
        ..field.clone()
    };
    fields.iter().map(settle).collect()
}

/// Whether the made-up text of a field matches its pattern.
pub(super) fn fits_pattern(model: &Model, field: &Field) -> bool {
    let Some(pattern) = &field.limits.pattern else {
        return false;
    };
    let schema = json!({"type": "string", "pattern": pattern});
    jsonschema::is_valid(&schema, &schema::example(model, field))
}

/// The fields that every record has.
pub(super) fn common_fields() -> Vec<Field> {
    vec![
        field("id", Type::Uuid, "Its identity."),
        field(
            "version",
            Type::Integer,
            "How often it was written; the entity tag.",
        ),
        field("created_at", Type::Timestamp, "When it was added."),
        field("updated_at", Type::Timestamp, "When it was last changed."),
    ]
}

/// A field of our own making.
pub(super) fn field(name: &str, ty: Type, description: &str) -> Field {
    Field {
        name: Name::new(name, Span::default()),
        ty,
        required: true,
        description: (!description.is_empty()).then(|| description.to_owned()),
        default: None,
        limits: FieldLimits::default(),
        unique: false,
        sensitive: false,
        renamed_from: None,
    }
}
