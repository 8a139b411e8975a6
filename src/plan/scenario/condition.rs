//! Samples that meet conditions, and samples that do not.

use serde_json::{Map, Value as Json, json};

use crate::model::effect::Condition;
use crate::model::name::Name;
use crate::model::types::Type;

/// The sample with the values that conditions ask for; of two that ask for different ones, the first is heard.
pub(super) fn holding<'c>(mut sample: Json, when: impl Iterator<Item = &'c Condition>) -> Json {
    let mut set: Vec<&Name> = Vec::new();
    for condition in when {
        let ([step], Some(object)) = (condition.path.steps.as_slice(), sample.as_object_mut())
        else {
            continue;
        };
        if key(object, &step.field).is_some() && !set.contains(&&step.field) {
            put(object, &step.field, condition.equals.clone());
            set.push(&step.field);
        }
    }
    sample
}

/// For each field that conditions look at, the sample with each other value that one asks for, and with one that none asks for;
/// each with a name: `forever_is_false`.
pub(super) fn variants<'c>(
    sample: &Json,
    when: impl Iterator<Item = &'c Condition>,
) -> Vec<(String, Json)> {
    let when: Vec<&Condition> = when.collect();
    let mut variants: Vec<(String, Json)> = Vec::new();
    for condition in &when {
        let other = other(condition, &when);
        for value in [Some(condition.equals.clone()), other]
            .into_iter()
            .flatten()
        {
            let Some((name, variant)) = variant(sample, condition, value) else {
                continue;
            };
            if variant != *sample && !variants.iter().any(|(known, _)| *known == name) {
                variants.push((name, variant));
            }
        }
    }
    variants
}

/// The sample with another value than a condition asks for.
pub(super) fn failing(sample: &Json, condition: &Condition) -> Option<Json> {
    let value = other(condition, &[condition])?;
    variant(sample, condition, value).map(|(_, sample)| sample)
}

fn variant(sample: &Json, condition: &Condition, value: Json) -> Option<(String, Json)> {
    let [step] = condition.path.steps.as_slice() else {
        return None;
    };
    let mut sample = sample.clone();
    let object = sample.as_object_mut()?;
    key(object, &step.field)?;
    let word = match (&step.ty, &value) {
        (Type::String, _) if value == something_else() => "something_else".to_owned(),
        (_, Json::String(word)) => Name::snake_of(word),
        (_, value) => Name::snake_of(&value.to_string().replace('-', "minus ")),
    };
    let name = format!("{}_is_{word}", step.field.snake());
    put(object, &step.field, value);
    Some((name, sample))
}

/// A value that none of some conditions on the same field asks for.
fn other(condition: &Condition, all: &[&Condition]) -> Option<Json> {
    let [step] = condition.path.steps.as_slice() else {
        return None;
    };
    let asked = |value: &Json| {
        let same = |other: &&&Condition| matches!(other.path.steps.as_slice(), [other] if other.field == step.field);
        all.iter().filter(same).any(|other| other.equals == *value)
    };
    let candidates: Vec<Json> = match &step.ty {
        Type::Enum(words) => words.iter().map(|word| json!(word)).collect(),
        Type::Boolean => vec![json!(true), json!(false)],
        Type::String => vec![something_else()],
        Type::Integer => (1..=20)
            .map(|step| json!(condition.equals.as_i64().unwrap_or(0) + step))
            .collect(),
        _ => Vec::new(),
    };
    candidates.into_iter().find(|value| !asked(value))
}

fn something_else() -> Json {
    json!("something else")
}

/// Gives the member of a field another value, however it is spelt.
pub(super) fn put(object: &mut Map<String, Json>, field: &Name, value: Json) {
    let key = key(object, field).unwrap_or_else(|| field.as_str().to_owned());
    object.insert(key, value);
}

fn key(object: &Map<String, Json>, field: &Name) -> Option<String> {
    let mut keys = object.keys();
    keys.find(|key| Name::snake_of(key) == field.snake())
        .cloned()
}
