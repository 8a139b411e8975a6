//! Whether a literal fits a type.

use serde_json::Value;

use crate::model::Model;
use crate::model::types::{Definition, Type};
use crate::syntax::decode::closest;

impl Model {
    /// What the literal is as a value of the type; `Err` with what would fit.
    pub(super) fn literal(&self, value: &Value, ty: &Type) -> Result<Value, String> {
        if let Some(words) = self.words(ty) {
            let word = text(value);
            return match word.filter(|word| words.contains(word)) {
                Some(word) => Ok(Value::String(word)),
                None => Err(format!("one of {}", words.join(", "))),
            };
        }
        let fits = |holds: bool, what: &str| {
            if holds {
                Ok(value.clone())
            } else {
                Err(what.to_owned())
            }
        };
        match self.resolved(ty) {
            Type::Json | Type::Unknown => Ok(value.clone()),
            Type::String => text(value)
                .map(Value::String)
                .ok_or_else(|| "a text".to_owned()),
            Type::Boolean => fits(value.is_boolean(), "true or false"),
            Type::Integer => fits(value.is_i64(), "an integer"),
            Type::Number => fits(value.is_number(), "a number"),
            Type::Decimal => decimal(value)
                .map(Value::String)
                .ok_or_else(|| "a decimal number".to_owned()),
            Type::Uuid => fits(value.as_str().is_some_and(is_uuid), "a UUID"),
            Type::Date => fits(
                value.as_str().is_some_and(is_date),
                "a date like 2026-01-31",
            ),
            Type::Timestamp => fits(
                value.as_str().is_some_and(is_timestamp),
                "a time like 2026-01-31T12:00:00Z",
            ),
            Type::Array(item) => match value {
                Value::Array(values) => values
                    .iter()
                    .map(|value| self.literal(value, item))
                    .collect::<Result<_, _>>()
                    .map(Value::Array),
                _ => Err("a list".to_owned()),
            },
            Type::Named(id) => match &self.types[*id].definition {
                Definition::Record(record) => Err(format!(
                    "a reference to a record of {} fields",
                    record.fields.len()
                )),
                Definition::Alias(alias) => self.literal(value, alias),
            },
            Type::Enum(_) => Err("one of its words".to_owned()),
        }
    }
}

impl Model {
    /// The word of an enum that a value was most likely meant to be.
    pub(super) fn meant(&self, value: &Value, ty: &Type) -> Option<String> {
        let words = self.words(self.resolved(ty))?.iter().map(String::as_str);
        let near = closest(value.as_str()?, words)?;
        Some(format!("write `{near}`"))
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

fn decimal(value: &Value) -> Option<String> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (all_digits(whole) && all_digits(fraction) && whole.len() + fraction.len() <= 28)
        .then_some(text)
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |index: usize| {
        parts
            .get(index)
            .and_then(|part: &&str| part.parse::<u32>().ok())
    };
    let (Some(year), Some(month), Some(day)) = (number(0), number(1), number(2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    parts.iter().map(|part| part.len()).eq([4, 2, 2]) && (1..=days).contains(&day)
}

fn is_timestamp(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    let Some(clock) = time.strip_suffix('Z') else {
        return false;
    };
    let clock = clock.split_once('.').map_or(clock, |(clock, _)| clock);
    let parts: Vec<u32> = clock
        .split(':')
        .filter_map(|part| part.parse().ok())
        .collect();
    is_date(date)
        && matches!(parts[..], [hour, minute, second] if hour < 24 && minute < 60 && second < 60)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn literals_are_held_against_their_type() {
        let model = Model::default();
        assert_eq!(
            model.literal(&json!("12.50"), &Type::Decimal),
            Ok(json!("12.50"))
        );
        assert_eq!(model.literal(&json!(12), &Type::Decimal), Ok(json!("12")));
        assert!(model.literal(&json!("1e3"), &Type::Decimal).is_err());
        assert!(model.literal(&json!("2026-02-29"), &Type::Date).is_err());
        assert!(model.literal(&json!("2028-02-29"), &Type::Date).is_ok());
        assert!(model.literal(&json!(1.5), &Type::Integer).is_err());
        assert!(
            model
                .literal(&json!("open"), &Type::Enum(vec!["closed".into()]))
                .is_err()
        );
    }
}
