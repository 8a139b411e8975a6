//! The shape of types as the file declares them. It says what the JSON Schemas of generated contracts say, and the limits of decimals besides.

use serde_json::json;

use super::shape::{Additional, Bound, Facets, Kind, Property, Shape};
use super::{Presence, Record, Schema};
use crate::model::Model;
use crate::model::types::{Definition, Limits, Type};

/// The shape of a record.
pub(super) fn record(record: Record<'_>) -> Shape<'_> {
    let Record {
        model,
        fields,
        closed,
        presence,
    } = record;
    let properties = fields.iter().map(|field| {
        let required = match presence {
            Presence::Declared => field.required,
            Presence::Sent => field.required && field.default.is_none(),
            Presence::Partial => false,
        };
        let schema = Schema::Typed {
            model,
            ty: &field.ty,
            limits: Some(&field.limits),
        };
        let property = Property {
            required,
            schema,
            renamed_from: field.renamed_from.as_deref(),
        };
        (field.name.as_str(), property)
    });
    let facets = Facets {
        properties: properties.collect(),
        additional: if closed {
            Additional::Closed
        } else {
            Additional::Open
        },
        ..Facets::default()
    };
    Shape::one(Kind::Object, facets)
}

/// The shape of a type, with the limits of its field.
pub(super) fn ty<'a>(model: &'a Model, ty: &'a Type, limits: Option<&'a Limits>) -> Shape<'a> {
    let text = |format| Facets {
        format,
        ..Facets::default()
    };
    match model.resolved(ty) {
        Type::Uuid => Shape::one(Kind::String, text(Some("uuid"))),
        Type::Date => Shape::one(Kind::String, text(Some("date"))),
        Type::Timestamp => Shape::one(Kind::String, text(Some("date-time"))),
        Type::Decimal => Shape::one(Kind::String, number(text(Some("decimal")), limits)),
        Type::String => {
            let mut facets = length(text(None), limits);
            facets.pattern = limits.and_then(|limits| limits.pattern.as_deref());
            Shape::one(Kind::String, facets)
        }
        Type::Integer => {
            let mut facets = number(text(None), limits);
            facets.whole = true;
            Shape::one(Kind::Number, facets)
        }
        Type::Number => Shape::one(Kind::Number, number(text(None), limits)),
        Type::Boolean => Shape::one(Kind::Boolean, Facets::default()),
        Type::Json | Type::Unknown => Shape::any(),
        Type::Enum(words) => Shape::one(Kind::String, among(words)),
        Type::Array(item) => {
            let mut facets = length(text(None), limits);
            facets.items = Some(Schema::typed(model, item));
            Shape::one(Kind::Array, facets)
        }
        Type::Named(id) => match &model.types[*id].definition {
            Definition::Record(fields) => Schema::of(model, fields).resolved().shape(),
            Definition::Alias(Type::Enum(words)) => Shape::one(Kind::String, among(words)),
            // An alias of anything else was resolved.
            Definition::Alias(_) => Shape::any(),
        },
    }
}

fn among<'a>(words: &[String]) -> Facets<'a> {
    Facets {
        words: Some(words.iter().map(|word| json!(word)).collect()),
        ..Facets::default()
    }
}

fn number<'a>(facets: Facets<'a>, limits: Option<&Limits>) -> Facets<'a> {
    let bound = |value: Option<f64>| {
        value.map(|value| Bound {
            value,
            strict: false,
        })
    };
    Facets {
        min: bound(limits.and_then(|limits| limits.min)),
        max: bound(limits.and_then(|limits| limits.max)),
        ..facets
    }
}

fn length<'a>(facets: Facets<'a>, limits: Option<&Limits>) -> Facets<'a> {
    Facets {
        min_length: limits
            .and_then(|limits| limits.min_length)
            .filter(|length| *length > 0),
        max_length: limits.and_then(|limits| limits.max_length),
        ..facets
    }
}
