//! The shape of raw JSON Schema (draft 2020-12), as far as it is followed: types, words, limits, items, properties, references within the
//! schema, and unions of plain alternatives. Other keywords are kept as they are.

use serde_json::{Map, Value as Json};

use super::Schema;
use super::shape::{Additional, Bound, Facets, Kind, Property, Shape};

/// How many references and unions are looked through on the way to one shape.
const MOST_HOPS: usize = 16;

/// How many alternatives of one kind are looked at.
const MOST_ALTERNATIVES: usize = 32;

/// Keywords that say nothing of what is valid.
const ANNOTATIONS: &[&str] = &[
    "$anchor",
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "contentEncoding",
    "contentMediaType",
    "default",
    "definitions",
    "deprecated",
    "description",
    "example",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
];

/// Keywords that are followed.
const FOLLOWED: &[&str] = &[
    "additionalProperties",
    "const",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "multipleOf",
    "pattern",
    "properties",
    "required",
    "type",
    "uniqueItems",
];

/// The keywords of a schema that say what is valid.
fn says(schema: &Map<String, Json>) -> impl Iterator<Item = (&str, &Json)> {
    schema
        .iter()
        .map(|(key, value)| (key.as_str(), value))
        .filter(|(key, _)| !ANNOTATIONS.contains(key) && !key.starts_with("x-"))
}

/// The value of a keyword, where it is the only one that says anything.
fn alone<'a>(at: &'a Json, keyword: &str) -> Option<&'a Json> {
    let schema = at.as_object()?;
    let value = schema.get(keyword)?;
    (says(schema).count() == 1).then_some(value)
}

/// What is behind references that say nothing else.
pub(super) fn resolved<'a>(root: &'a Json, at: &'a Json) -> &'a Json {
    let mut here = at;
    for _ in 0..MOST_HOPS {
        let next = alone(here, "$ref")
            .and_then(Json::as_str)
            .and_then(|reference| root.pointer(reference.strip_prefix('#')?));
        let only = || match alone(here, "allOf")?.as_array()?.as_slice() {
            [one] => Some(one),
            _ => None,
        };
        match next.or_else(only) {
            Some(next) => here = next,
            None => break,
        }
    }
    here
}

/// The shape of a part of a schema.
pub(super) fn shape<'a>(root: &'a Json, at: &'a Json) -> Shape<'a> {
    within(root, at, 0)
}

fn within<'a>(root: &'a Json, at: &'a Json, hops: usize) -> Shape<'a> {
    let at = resolved(root, at);
    let Some(schema) = at.as_object() else {
        return match at {
            Json::Bool(false) => Shape::default(),
            _ => Shape::any(),
        };
    };
    for (keyword, disjoint) in [("anyOf", false), ("oneOf", true)] {
        if let Some(Json::Array(alternatives)) = alone(at, keyword) {
            return union(root, alternatives, disjoint, hops).unwrap_or_else(|| opaque(schema));
        }
    }
    plain(root, schema)
}

/// A schema of which nothing is followed.
fn opaque(schema: &Map<String, Json>) -> Shape<'_> {
    Shape {
        rest: says(schema).collect(),
        ..Shape::any()
    }
}

/// Alternatives side by side, where each can be followed. Those of which exactly one may hold must not meet.
fn union<'a>(
    root: &'a Json,
    alternatives: &'a [Json],
    disjoint: bool,
    hops: usize,
) -> Option<Shape<'a>> {
    if hops >= MOST_HOPS || alternatives.len() > MOST_ALTERNATIVES {
        return None;
    }
    let mut joined = Shape::default();
    for alternative in alternatives {
        let shape = within(root, alternative, hops + MOST_HOPS / 4);
        if !shape.rest.is_empty() {
            return None;
        }
        for (kind, facets) in shape.kinds {
            let known = joined.kinds.entry(kind).or_default();
            known.extend(facets);
            if disjoint && known.len() > 1 || known.len() > MOST_ALTERNATIVES {
                return None;
            }
        }
    }
    Some(joined)
}

fn plain<'a>(root: &'a Json, schema: &'a Map<String, Json>) -> Shape<'a> {
    let rest: Vec<_> = says(schema)
        .filter(|(key, _)| !FOLLOWED.contains(key))
        .collect();
    if rest.iter().any(|(key, _)| *key == "$ref") {
        return opaque(schema);
    }
    let words = words(schema);
    let mut shape = Shape {
        rest,
        ..Shape::default()
    };
    for (kind, whole) in kinds(schema, words.as_deref()) {
        let mut facets = facets(root, schema, kind);
        facets.whole = whole;
        settle(&mut facets);
        if let Some(words) = &words {
            let own = words.iter().filter(|word| Kind::of(word) == kind).cloned();
            facets.words = Some(own.collect());
        }
        if facets.words.as_ref().is_none_or(|words| !words.is_empty()) {
            shape.kinds.insert(kind, vec![facets]);
        }
    }
    shape
}

fn words(schema: &Map<String, Json>) -> Option<Vec<Json>> {
    let listed = schema.get("enum").and_then(Json::as_array);
    match (schema.get("const"), listed) {
        (Some(one), None) => Some(vec![one.clone()]),
        (Some(one), Some(words)) => {
            Some(words.iter().filter(|word| *word == one).cloned().collect())
        }
        (None, words) => words.cloned(),
    }
}

/// The kinds that a schema takes, and whether a number among them is whole.
fn kinds(schema: &Map<String, Json>, words: Option<&[Json]>) -> Vec<(Kind, bool)> {
    let named: Vec<&str> = match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).collect(),
        _ => {
            let taken = |kind: &Kind| {
                words.is_none_or(|words| words.iter().any(|word| Kind::of(word) == *kind))
            };
            return Kind::ALL
                .into_iter()
                .filter(taken)
                .map(|kind| (kind, false))
                .collect();
        }
    };
    let kind = |kind: Kind, word: &str| named.contains(&word).then_some((kind, false));
    let mut kinds: Vec<(Kind, bool)> = [
        kind(Kind::Null, "null"),
        kind(Kind::Boolean, "boolean"),
        kind(Kind::String, "string"),
        kind(Kind::Array, "array"),
        kind(Kind::Object, "object"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if named.contains(&"number") || named.contains(&"integer") {
        kinds.push((Kind::Number, !named.contains(&"number")));
    }
    kinds
}

fn facets<'a>(root: &'a Json, schema: &'a Map<String, Json>, kind: Kind) -> Facets<'a> {
    let number = |key: &str| schema.get(key).and_then(Json::as_f64);
    let count = |key: &str| schema.get(key).and_then(whole);
    let text = |key: &str| schema.get(key).and_then(Json::as_str);
    let part = |at: &'a Json| Schema::Raw { root, at };
    match kind {
        Kind::Null | Kind::Boolean => Facets::default(),
        Kind::Number => Facets {
            min: bound(number("minimum"), number("exclusiveMinimum"), f64::gt),
            max: bound(number("maximum"), number("exclusiveMaximum"), f64::lt),
            step: number("multipleOf").filter(|step| *step > 0.0),
            ..Facets::default()
        },
        Kind::String => Facets {
            min_length: count("minLength").filter(|length| *length > 0),
            max_length: count("maxLength"),
            pattern: text("pattern"),
            format: text("format"),
            ..Facets::default()
        },
        Kind::Array => Facets {
            min_length: count("minItems").filter(|length| *length > 0),
            max_length: count("maxItems"),
            unique: schema.get("uniqueItems") == Some(&Json::Bool(true)),
            items: schema.get("items").map(part),
            ..Facets::default()
        },
        Kind::Object => object(root, schema),
    }
}

fn object<'a>(root: &'a Json, schema: &'a Map<String, Json>) -> Facets<'a> {
    let part = |at: &'a Json| Schema::Raw { root, at };
    let mut facets = Facets {
        additional: match schema.get("additionalProperties") {
            None | Some(Json::Bool(true)) => Additional::Open,
            Some(Json::Bool(false)) => Additional::Closed,
            Some(each) => Additional::Each(part(each)),
        },
        ..Facets::default()
    };
    let names = |key: &str| schema.get(key).into_iter();
    for (name, property) in names("properties").filter_map(Json::as_object).flatten() {
        let property = Property {
            required: false,
            schema: part(property),
            renamed_from: None,
        };
        facets.properties.insert(name, property);
    }
    let required = names("required").filter_map(Json::as_array).flatten();
    for name in required.filter_map(Json::as_str) {
        let property = facets.properties.entry(name).or_insert(Property {
            required: true,
            schema: Schema::Any,
            renamed_from: None,
        });
        property.required = true;
    }
    facets
}

/// The narrower of a limit that includes itself and one that does not.
fn bound(
    with: Option<f64>,
    without: Option<f64>,
    narrower: fn(&f64, &f64) -> bool,
) -> Option<Bound> {
    let of = |value: f64, strict: bool| Some(Bound { value, strict });
    match (with, without) {
        (Some(with), Some(without)) if narrower(&with, &without) => of(with, false),
        (_, Some(without)) => of(without, true),
        (Some(with), None) => of(with, false),
        (None, None) => None,
    }
}

/// Limits of whole numbers are whole, and included.
fn settle(facets: &mut Facets<'_>) {
    if !facets.whole {
        return;
    }
    if let Some(min) = &mut facets.min {
        min.value = if min.strict {
            min.value.floor() + 1.0
        } else {
            min.value.ceil()
        };
        min.strict = false;
    }
    if let Some(max) = &mut facets.max {
        max.value = if max.strict {
            max.value.ceil() - 1.0
        } else {
            max.value.floor()
        };
        max.strict = false;
    }
}

/// A count, which JSON Schema lets people write as `2.0`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "only whole numbers that a double holds exactly are cast"
)]
fn whole(value: &Json) -> Option<u64> {
    value.as_u64().or_else(|| {
        value
            .as_f64()
            .filter(|count| count.fract() == 0.0 && (0.0..9e15).contains(count))
            .map(|count| count as u64)
    })
}
