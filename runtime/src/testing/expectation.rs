//! Whether what is seen is what was expected.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::Value;

/// What the names of a test stand for.
pub type Names = BTreeMap<String, Value>;

/// How far a moment may be from now to be `$now`.
const RECENT: TimeDelta = TimeDelta::minutes(5);

/// Holds something seen against what is expected, which names only the members that matter.
///
/// # Errors
/// Where they differ, and how.
pub fn matches(expected: &Value, seen: &Value, names: &mut Names) -> Result<(), String> {
    at("", expected, seen, names)
}

fn at(place: &str, expected: &Value, seen: &Value, names: &mut Names) -> Result<(), String> {
    let differs = || {
        let place = if place.is_empty() { "it" } else { place };
        Err(format!("{place} is {seen}, expected was {expected}"))
    };
    match (expected, seen) {
        (Value::String(text), _) if text.starts_with('$') => {
            if stands_for(text, seen, names) {
                Ok(())
            } else {
                differs()
            }
        }
        (Value::Object(expected), Value::Object(seen)) => {
            expected.iter().try_for_each(|(name, value)| {
                // A member that is not there is null: the forms that leave it out and those that do not say the same.
                let seen = seen.get(name).unwrap_or(&Value::Null);
                at(&format!("{place}/{name}"), value, seen, names)
            })
        }
        (Value::Array(expected), Value::Array(seen)) if expected.len() == seen.len() => {
            let pairs = expected.iter().zip(seen).enumerate();
            pairs.into_iter().try_for_each(|(index, (expected, seen))| {
                at(&format!("{place}/{index}"), expected, seen, names)
            })
        }
        (expected, seen) if expected == seen || same_number(expected, seen) => Ok(()),
        _ => differs(),
    }
}

fn stands_for(name: &str, seen: &Value, names: &mut Names) -> bool {
    match name {
        "$any" => !seen.is_null(),
        "$now" => seen
            .as_str()
            .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
            .is_some_and(|time| (Utc::now() - time.to_utc()).abs() < RECENT),
        _ if seen.is_null() => false,
        _ => names.entry(name.to_owned()).or_insert_with(|| seen.clone()) == seen,
    }
}

/// Numbers are the same however they are written: `10`, `10.0`, `"10.00"`.
fn same_number(expected: &Value, seen: &Value) -> bool {
    match (number(expected), number(seen)) {
        (Some(expected), Some(seen)) => expected == seen,
        _ => false,
    }
}

fn number(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    Decimal::from_str_exact(&text)
        .or_else(|_| Decimal::from_scientific(&text))
        .ok()
}
