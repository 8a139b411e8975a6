//! Values that fit a type: the examples of API descriptions, and what the contracts' tests send through their types.

use serde_json::{Value, json};

use super::{Object, pattern};
use crate::model::Model;
use crate::model::arena::TypeId;
use crate::model::types::{Definition, Field, Fields, Limits, Type};

/// A payload that fits some fields.
#[must_use]
pub fn example_of(model: &Model, fields: &Fields) -> Value {
    example_of_all(model, fields.fields.iter())
}

/// A payload that fits some fields, wherever they come from.
#[must_use]
pub fn example_of_all<'f>(model: &Model, fields: impl Iterator<Item = &'f Field>) -> Value {
    Examples {
        model,
        within: Vec::new(),
    }
    .record(fields)
}

/// A value that fits a field; where no text is found that matches its pattern, one that reads well.
#[must_use]
pub fn example(model: &Model, field: &Field) -> Value {
    Examples {
        model,
        within: Vec::new(),
    }
    .field(field)
    .unwrap_or_default()
}

/// Makes values; a type within itself ends there, by an empty list or an absent field.
struct Examples<'m> {
    model: &'m Model,
    within: Vec<TypeId>,
}

impl Examples<'_> {
    fn record<'f>(&mut self, fields: impl Iterator<Item = &'f Field>) -> Value {
        let members = fields
            .filter_map(|field| Some((field.name.as_str().to_owned(), self.field(field)?)))
            .collect::<Object>();
        Value::Object(members)
    }

    fn field(&mut self, field: &Field) -> Option<Value> {
        if let Some(default) = &field.default {
            return Some(Value::clone(default));
        }
        let limits = &field.limits;
        match self.model.resolved(&field.ty) {
            Type::Integer => Some(json!(whole(limits))),
            Type::Number => Some(json!(within(limits))),
            Type::Decimal => Some(json!(within(limits).to_string())),
            Type::String => Some(json!(text(field))),
            Type::Array(item) => Some(self.list(item, limits)),
            ty => self.ty(&ty.clone()),
        }
    }

    fn list(&mut self, item: &Type, limits: &Limits) -> Value {
        let least = limits.min_length.unwrap_or(1).max(1);
        let count = limits.max_length.map_or(least, |most| least.min(most));
        Value::Array((0..count.min(16)).filter_map(|_| self.ty(item)).collect())
    }

    fn ty(&mut self, ty: &Type) -> Option<Value> {
        Some(match ty {
            Type::Uuid => json!("0190d0a0-0000-7000-8000-000000000001"),
            Type::Boolean => json!(true),
            Type::Date => json!("2024-02-29"),
            Type::Timestamp => json!("2024-02-29T12:00:00Z"),
            Type::Json | Type::Unknown => json!({"note": "anything"}),
            Type::Enum(words) => json!(words.first()),
            Type::String => json!("some text"),
            Type::Integer => json!(1),
            Type::Number => json!(1.0),
            Type::Decimal => json!("1.00"),
            Type::Array(item) => self.list(item, &Limits::default()),
            Type::Named(id) => return self.named(*id),
        })
    }

    fn named(&mut self, id: TypeId) -> Option<Value> {
        if self.within.contains(&id) {
            return None;
        }
        self.within.push(id);
        let model = self.model;
        let value = match &model.types[id].definition {
            Definition::Record(fields) => Some(self.record(fields.fields.iter())),
            Definition::Alias(other) => self.ty(other),
        };
        self.within.pop();
        value
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a limit beyond 64 bits ends at their edge"
)]
fn whole(limits: &Limits) -> i64 {
    let least = limits.min.map_or(i64::MIN, |min| min.ceil() as i64);
    let most = limits.max.map_or(i64::MAX, |max| max.floor() as i64);
    1.min(most).max(least)
}

fn within(limits: &Limits) -> f64 {
    match (limits.min, limits.max) {
        (Some(min), Some(max)) => f64::midpoint(min, max),
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
    let least = field.limits.min_length.unwrap_or(0).min(4096);
    while (text.chars().count() as u64) < least {
        text.push('x');
    }
    let most = field.limits.max_length.unwrap_or(u64::MAX);
    let text: String = text
        .chars()
        .zip(0..most)
        .map(|(character, _)| character)
        .collect();
    if field.limits.broken_by(&json!(text)).is_none() {
        return text;
    }
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let matching =
        |pattern: &String| pattern::text(pattern, usize::try_from(least).ok()?, most, VARIANT);
    let matching = field.limits.pattern.as_ref().and_then(matching);
    matching.unwrap_or(text)
}

/// Which of the texts that match a pattern is taken: one whose letters differ.
const VARIANT: u64 = 1_234_567;
