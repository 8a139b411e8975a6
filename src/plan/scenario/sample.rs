//! Values that fit a field. Two fields get two values, and one field another value for each number: what is mixed up shows.

use serde_json::{Map, Value, json};

use crate::model::Model;
use crate::model::types::{Definition, Field, Fields, Limits, Type};
use crate::plan::schema::pattern;

/// Named types within named types, at most: further optional fields are left out.
const DEEPEST: u32 = 4;
/// How many records apart two samples are, at least.
const SPREAD: u64 = 50;

/// When everything happened that happened before a test begins.
pub(super) const MOMENT: &str = "2024-01-01T00:00:00Z";

/// Values of some fields, all of them or those that must be there; none where one has no value that this can find.
pub fn sample_fields(model: &Model, fields: &Fields, number: u64) -> Option<Value> {
    if fields.fields.is_empty() && fields.raw.is_some() {
        return Some(json!({ "note": format!("anything {number}") }));
    }
    Sampler { model, number }.record(&fields.fields, 0)
}

/// A value of a type.
pub fn sample_type(model: &Model, ty: &Type, name: &str, number: u64) -> Option<Value> {
    Sampler { model, number }.plain(ty, &Limits::default(), name, 0)
}

/// A value of one field.
pub(super) fn sample_field(model: &Model, field: &Field, number: u64) -> Option<Value> {
    Sampler { model, number }.field(field, 0)
}

struct Sampler<'m> {
    model: &'m Model,
    number: u64,
}

impl Sampler<'_> {
    fn record(&self, fields: &[Field], depth: u32) -> Option<Value> {
        let mut object = Map::new();
        for field in fields
            .iter()
            .filter(|field| field.required || depth < DEEPEST)
        {
            object.insert(field.name.as_str().to_owned(), self.field(field, depth)?);
        }
        Some(Value::Object(object))
    }

    fn field(&self, field: &Field, depth: u32) -> Option<Value> {
        let name = field.name.snake();
        let value = self.plain(&field.ty, &field.limits, name, depth)?;
        match (field.default.as_deref(), &value) {
            // What is sent is not what would stand there anyway.
            (Some(default), Value::Bool(_)) => Some(json!(default != &json!(true))),
            (Some(default), value) if default == value => {
                let other = Sampler {
                    number: self.number + SPREAD + 1,
                    ..*self
                };
                other.plain(&field.ty, &field.limits, name, depth)
            }
            _ => Some(value),
        }
    }

    fn plain(&self, ty: &Type, limits: &Limits, name: &str, depth: u32) -> Option<Value> {
        let number = self.number;
        Some(match ty {
            Type::Uuid => json!(uuid(name, number)),
            Type::String => json!(self.text(limits, name)?),
            Type::Integer => json!(whole(limits, name, number)?),
            Type::Number => json!(broken(limits, name, number, 0.5)),
            Type::Decimal => {
                let (value, scale) = (broken(limits, name, number, 0.25), scale(limits));
                json!(format!("{value:.scale$}"))
            }
            Type::Boolean => json!(number % 2 == 1),
            Type::Date => json!(format!(
                "2024-{:02}-{:02}",
                1 + hash(name, 0) % 12,
                1 + number % 28
            )),
            Type::Timestamp => json!(format!(
                "2024-{:02}-{:02}T12:00:00Z",
                1 + hash(name, 0) % 12,
                1 + number % 28
            )),
            Type::Json | Type::Unknown => {
                json!({ "note": format!("{} {number}", name.replace('_', " ")) })
            }
            Type::Enum(words) => {
                let count = u64::try_from(words.len()).ok().filter(|count| *count > 0)?;
                json!(words.get(usize::try_from(number % count).ok()?)?)
            }
            Type::Named(id) => match &self.model.types[*id].definition {
                Definition::Record(fields) if fields.fields.is_empty() && fields.raw.is_some() => {
                    json!({ "note": name })
                }
                Definition::Record(fields) => self.record(&fields.fields, depth + 1)?,
                Definition::Alias(other) => self.plain(other, limits, name, depth + 1)?,
            },
            Type::Array(item) => self.list(item, limits, name, depth)?,
        })
    }

    fn list(&self, item: &Type, limits: &Limits, name: &str, depth: u32) -> Option<Value> {
        let count = limits
            .min_length
            .unwrap_or(0)
            .max(2)
            .min(limits.max_length.unwrap_or(u64::MAX));
        let item = |index: u64| {
            let at = Sampler {
                number: self.number * 10 + index,
                ..*self
            };
            at.plain(item, &Limits::default(), name, depth)
        };
        (1..=count)
            .map(item)
            .collect::<Option<Vec<_>>>()
            .map(Value::Array)
    }

    fn text(&self, limits: &Limits, name: &str) -> Option<String> {
        let least = usize::try_from(limits.min_length.unwrap_or(0)).ok()?;
        let most = limits.max_length.map_or(usize::MAX, |most| {
            usize::try_from(most).unwrap_or(usize::MAX)
        });
        if let Some(pattern) = &limits.pattern {
            return pattern::text(pattern, least, most, hash(name, self.number));
        }
        let mut text = format!("{} {}", name.replace('_', " "), self.number);
        if text.chars().count() > most {
            // Too short for words: letters that differ.
            let mut rest = hash(name, self.number);
            let letter = || {
                let letter = char::from(b'a' + u8::try_from(rest % 26).unwrap_or(0));
                rest /= 26;
                letter
            };
            text = std::iter::repeat_with(letter).take(most.min(8)).collect();
        }
        let missing = least.saturating_sub(text.chars().count());
        text.extend(std::iter::repeat_n('x', missing));
        (text.chars().count() <= most).then_some(text)
    }
}

/// FNV-1a: the same everywhere and always.
fn hash(name: &str, number: u64) -> u64 {
    let bytes = name.bytes().chain(number.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A uuid that is nobody's, of version 4's form.
pub(super) fn uuid(name: &str, number: u64) -> String {
    format!(
        "{number:08x}-0000-4000-8000-{:012x}",
        hash(name, number) & 0xffff_ffff_ffff
    )
}

fn whole(limits: &Limits, name: &str, number: u64) -> Option<i64> {
    let wanted = i64::try_from(10 * (1 + hash(name, 0) % 9) + number % SPREAD).ok()?;
    let least = limits.min.map(f64::ceil);
    let most = limits.max.map(f64::floor);
    match (least, most) {
        (Some(least), Some(most)) if least > most => None,
        (Some(least), Some(most)) => {
            let room = (most - least).min(1e6) as i64 + 1;
            Some(least as i64 + wanted % room)
        }
        (Some(least), None) => Some((least as i64).saturating_add(wanted)),
        (None, Some(most)) => Some(wanted.min(most as i64)),
        (None, None) => Some(wanted),
    }
}

/// How many digits a decimal has behind the point: two, or as many as its limits, within which rounding then stays.
pub(super) fn scale(limits: &Limits) -> usize {
    let digits = |limit: f64| {
        limit
            .to_string()
            .split_once('.')
            .map_or(0, |(_, digits)| digits.len())
    };
    let limits = [limits.min, limits.max].into_iter().flatten();
    limits.map(digits).fold(2, usize::max)
}

fn broken(limits: &Limits, name: &str, number: u64, fraction: f64) -> f64 {
    let wanted = (10 * (1 + hash(name, 0) % 9) + number % SPREAD) as f64 + fraction;
    match (limits.min, limits.max) {
        (Some(min), Some(max)) if min + wanted > max => min + (max - min) / 2.0,
        (Some(min), _) => min + wanted,
        (None, Some(max)) if wanted > max => max - fraction,
        _ => wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_has_the_digits_that_its_limits_ask_for() {
        let model = Model::default();
        for (min, max) in [(0.001, 0.002), (0.0001, 0.5), (-0.125, 0.0), (3.0, 4.0)] {
            let limits = Limits {
                min: Some(min),
                max: Some(max),
                ..Limits::default()
            };
            let sampler = Sampler {
                model: &model,
                number: 1,
            };
            let value = sampler.plain(&Type::Decimal, &limits, "rate", 0).unwrap();
            assert_eq!(limits.broken_by(&value), None, "{min} {max} {value}");
        }
    }
}
