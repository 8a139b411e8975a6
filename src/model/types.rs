//! Types of fields, as meant: names resolved, defaults applied.

use std::ops::Deref;

use super::arena::TypeId;
use super::effect::PathStep;
use super::name::Name;
use crate::syntax::source::Span;

/// The type of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// RFC 9562.
    Uuid,
    /// Text.
    String,
    /// A 64-bit signed integer.
    Integer,
    /// A 64-bit float. Never money.
    Number,
    /// An exact decimal: money.
    Decimal,
    /// True or false.
    Boolean,
    /// A calendar date (RFC 3339 full-date).
    Date,
    /// A moment (RFC 3339 date-time), `ISO8601` in the file.
    Timestamp,
    /// Any JSON value.
    Json,
    /// A type declared under `types:`.
    Named(TypeId),
    /// One of some words, in place.
    Enum(Vec<String>),
    /// A list.
    Array(Box<Type>),
    /// What could not be read, which is told: nothing is wrong with any use of it, and nothing is made of it.
    Unknown,
}

/// One field of a record.
#[derive(Debug, Clone)]
pub struct Field {
    /// As written.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// Whether it must be there.
    pub required: bool,
    /// What it means.
    pub description: Option<String>,
    /// What stands there when nothing is given.
    pub default: Option<Box<serde_json::Value>>,
    /// Limits on its values.
    pub limits: FieldLimits,
    /// Whether no two records share a value.
    pub unique: bool,
    /// Whether it is kept out of logs and events (personal data).
    pub sensitive: bool,
    /// What it was called before.
    pub renamed_from: Option<Box<Name>>,
}

/// The limits of a field. Those of a field without any take no room.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldLimits(Option<Box<Limits>>);

impl From<Limits> for FieldLimits {
    fn from(limits: Limits) -> Self {
        Self((limits != NO_LIMITS).then(|| Box::new(limits)))
    }
}

impl Deref for FieldLimits {
    type Target = Limits;

    fn deref(&self) -> &Limits {
        self.0.as_deref().unwrap_or(&NO_LIMITS)
    }
}

/// Limits on a field's values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Limits {
    /// Least number.
    pub min: Option<f64>,
    /// Greatest number.
    pub max: Option<f64>,
    /// Least length of a text or list.
    pub min_length: Option<u64>,
    /// Greatest length of a text or list.
    pub max_length: Option<u64>,
    /// A regular expression (ECMA 262) that a text matches.
    pub pattern: Option<String>,
}

static NO_LIMITS: Limits = Limits {
    min: None,
    max: None,
    min_length: None,
    max_length: None,
    pattern: None,
};

/// A record's fields, in the order in which they were declared.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    /// The fields.
    pub fields: Vec<Field>,
    /// Where they stand.
    pub span: Span,
    /// The JSON Schema, word for word, where the user wrote one instead of fields.
    pub raw: Option<serde_json::Value>,
    /// Whether they could not be read, which is told: there may be any.
    pub unknown: bool,
}

impl Fields {
    /// The field of a name, however it is spelt (`orderId` finds `order_id`).
    pub fn find(&self, name: &str) -> Option<&Field> {
        let wanted = Name::snake_of(name);
        self.fields
            .iter()
            .find(|field| field.name.snake() == wanted)
    }

    /// The fields as places that a reference may walk through.
    pub fn steps(&self) -> Vec<PathStep> {
        self.fields
            .iter()
            .map(|field| PathStep {
                field: field.name.clone(),
                ty: field.ty.clone(),
                required: field.required,
            })
            .collect()
    }
}

/// A type declared under `types:`.
#[derive(Debug, Clone)]
pub struct NamedType {
    /// Its name.
    pub name: Name,
    /// What it means.
    pub description: Option<String>,
    /// What it is.
    pub definition: Definition,
}

/// What a named type is.
#[derive(Debug, Clone)]
pub enum Definition {
    /// A record.
    Record(Fields),
    /// Another type under a new name; an enum in most cases.
    Alias(Type),
}
