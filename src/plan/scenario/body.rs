//! Bodies of requests: some that fit, and some that do not.

use serde_json::{Map, Value as Json, json};

use super::condition;
use super::sample::{sample_field, sample_fields, sample_type, scale};
use super::world::Unfit;
use crate::model::Model;
use crate::model::effect::Condition;
use crate::model::endpoint::{Body, Endpoint};
use crate::model::types::{Definition, Field, Type};
use crate::plan::contract::request_fields;
use crate::plan::types::Types;

/// The fields of a request that is checked field by field.
pub(super) fn fields(types: &Types<'_>, endpoint: &Endpoint) -> Vec<Field> {
    match &endpoint.request {
        Body::Entity(_) | Body::Fields(_) => request_fields(types, endpoint)
            .into_iter()
            .map(|(field, _)| field)
            .collect(),
        _ => Vec::new(),
    }
}

/// The conditions of what an operation does.
pub(super) fn conditions(endpoint: &Endpoint) -> impl Iterator<Item = &Condition> {
    let effects = endpoint.effects.iter().flat_map(|effect| &effect.when);
    let emits = endpoint.emits.iter().flat_map(|emission| &emission.when);
    effects.chain(emits)
}

/// A body with all fields, such that conditions are met.
pub(super) fn full(
    types: &Types<'_>,
    endpoint: &Endpoint,
    number: u64,
) -> Result<Option<Json>, Unfit> {
    let body = plain(types, endpoint, number)?;
    Ok(body.map(|body| condition::holding(body, conditions(endpoint))))
}

fn plain(types: &Types<'_>, endpoint: &Endpoint, number: u64) -> Result<Option<Json>, Unfit> {
    match &endpoint.request {
        Body::None | Body::Page(_) => Ok(None),
        Body::Type(ty) => {
            let record = types.record_of(ty);
            let sample = if record.fields.is_empty() {
                sample_type(types.model, ty, "body", number)
            } else {
                sample_fields(types.model, &record, number)
            };
            sample
                .map(Some)
                .ok_or_else(|| "no sample of the body is found".to_owned())
        }
        Body::Entity(_) | Body::Fields(_) => {
            object(types.model, &fields(types, endpoint), number).map(Some)
        }
    }
}

/// A body with those fields that must be sent; none where that is all of them.
pub(super) fn least(types: &Types<'_>, endpoint: &Endpoint, number: u64) -> Option<Json> {
    let all = fields(types, endpoint);
    let needed: Vec<Field> = all.iter().filter(|field| must(field)).cloned().collect();
    if needed.len() == all.len() {
        return None;
    }
    object(types.model, &needed, number).ok()
}

/// Whether a field must be sent.
pub(super) fn must(field: &Field) -> bool {
    field.required && field.default.is_none()
}

fn object(model: &Model, fields: &[Field], number: u64) -> Result<Json, Unfit> {
    let mut object = Map::new();
    for field in fields {
        let value = sample_field(model, field, number)
            .ok_or_else(|| format!("no sample of `{}` is found", field.name))?;
        object.insert(field.name.as_str().to_owned(), value);
    }
    Ok(Json::Object(object))
}

/// A value of another type than a field's.
pub(super) fn wrong(model: &Model, field: &Field) -> Option<Json> {
    Some(match model.resolved(&field.ty) {
        Type::Json | Type::Unknown => return None,
        Type::String => json!(5),
        Type::Integer => json!("five"),
        Type::Number => json!("much"),
        Type::Decimal => json!("ten"),
        Type::Boolean => json!("yes"),
        Type::Uuid | Type::Date | Type::Timestamp => json!("tomorrow"),
        Type::Enum(words) => json!(format!(
            "no-{}",
            words.first().map_or("word", String::as_str)
        )),
        Type::Array(_) => json!("one"),
        Type::Named(id) => match &model.types[*id].definition {
            Definition::Record(fields) if fields.fields.is_empty() => return None,
            _ => json!(5),
        },
    })
}

/// The fields of a body with their pointers, those within others too, as far as a sample shows them.
pub(super) fn places(
    types: &Types<'_>,
    endpoint: &Endpoint,
    sample: &Json,
) -> Vec<(String, Field)> {
    let mut found = Vec::new();
    match &endpoint.request {
        Body::Type(ty) => walk(types.model, ty, sample, "", &mut found),
        _ => step(
            types.model,
            &fields(types, endpoint),
            sample,
            "",
            &mut found,
        ),
    }
    found
}

fn step(
    model: &Model,
    fields: &[Field],
    sample: &Json,
    at: &str,
    found: &mut Vec<(String, Field)>,
) {
    for field in fields {
        let Some(value) = sample.get(field.name.as_str()) else {
            continue;
        };
        let pointer = format!("{at}/{}", field.name);
        walk(model, &field.ty, value, &pointer, found);
        let ty = model.resolved(&field.ty).clone();
        found.push((
            pointer,
            Field {
                ty,
                ..field.clone()
            },
        ));
    }
}

fn walk(model: &Model, ty: &Type, sample: &Json, at: &str, found: &mut Vec<(String, Field)>) {
    match (model.resolved(ty), sample.get(0)) {
        (Type::Array(item), Some(first)) => walk(model, item, first, &format!("{at}/0"), found),
        (Type::Named(id), _) => {
            if let Definition::Record(within) = &model.types[*id].definition {
                step(model, &within.fields, sample, at, found);
            }
        }
        _ => {}
    }
}

/// Values at the edges of a field's limits: those that just fit, and those that just do not. Its type is resolved.
pub(super) fn edges(field: &Field) -> (Vec<Json>, Vec<Json>) {
    let limits = &field.limits;
    let (mut fit, mut not) = (Vec::new(), Vec::new());
    let scale = scale(limits);
    let step = match field.ty {
        Type::Integer => 1.0,
        _ => 0.1_f64.powi(i32::try_from(scale).unwrap_or(2)),
    };
    let number = |value: f64| match field.ty {
        Type::Integer => json!(value as i64),
        Type::Number => json!(value),
        _ => json!(format!("{value:.scale$}")),
    };
    if matches!(field.ty, Type::Integer | Type::Number | Type::Decimal) {
        let whole =
            |limit: &f64| limit.abs() < 1e12 && (field.ty != Type::Integer || limit.fract() == 0.0);
        for min in limits.min.iter().filter(|limit| whole(limit)) {
            fit.push(number(*min));
            not.push(number(min - step));
        }
        for max in limits.max.iter().filter(|limit| whole(limit)) {
            fit.push(number(*max));
            not.push(number(max + step));
        }
    }
    if matches!(field.ty, Type::Array(_)) && limits.min_length.is_some_and(|least| least > 0) {
        not.push(json!([]));
    }
    if field.ty == Type::String {
        let text = |length: u64| json!("x".repeat(usize::try_from(length).unwrap_or(0)));
        let sane = |length: &&u64| **length < 5000;
        if let Some(most) = limits.max_length.as_ref().filter(sane) {
            not.push(text(most + 1));
            fit.extend(limits.pattern.is_none().then(|| text(*most)));
        }
        if let Some(least) = limits
            .min_length
            .as_ref()
            .filter(sane)
            .filter(|least| **least > 0)
        {
            not.push(text(least - 1));
            fit.extend(limits.pattern.is_none().then(|| text(*least)));
        }
        if let Some(pattern) = limits
            .pattern
            .as_ref()
            .and_then(|pattern| regex::Regex::new(pattern).ok())
        {
            not.extend(
                ["", " ", "!", "0", "z"]
                    .iter()
                    .find(|text| !pattern.is_match(text))
                    .map(|text| json!(text)),
            );
        }
    }
    (fit, not)
}
