//! One level of a schema, in the same form whether it was written as types or as JSON Schema.

use std::collections::BTreeMap;
use std::fmt;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::{Schema, declared, raw};
use crate::model::name::Name;
use crate::model::types::Type;

/// The kinds of JSON values; a whole number is a number here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    pub(super) const ALL: [Self; 6] = [
        Self::Null,
        Self::Boolean,
        Self::Number,
        Self::String,
        Self::Array,
        Self::Object,
    ];

    pub(super) fn of(value: &Json) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Bool(_) => Self::Boolean,
            Json::Number(_) => Self::Number,
            Json::String(_) => Self::String,
            Json::Array(_) => Self::Array,
            Json::Object(_) => Self::Object,
        }
    }
}

/// What a schema takes, kind by kind.
#[derive(Debug, Default)]
pub(super) struct Shape<'a> {
    /// For each kind that it takes, the ways in which it may look.
    pub(super) kinds: BTreeMap<Kind, Vec<Facets<'a>>>,
    /// Keywords of JSON Schema that are not followed.
    pub(super) rest: Vec<(&'a str, &'a Json)>,
}

/// How a value of one kind may look.
#[derive(Debug, Default)]
pub(super) struct Facets<'a> {
    /// The only values.
    pub(super) words: Option<Vec<Json>>,
    /// Whether a number has no fraction.
    pub(super) whole: bool,
    pub(super) min: Option<Bound>,
    pub(super) max: Option<Bound>,
    /// What a number is a multiple of.
    pub(super) step: Option<f64>,
    /// Of a text or a list.
    pub(super) min_length: Option<u64>,
    pub(super) max_length: Option<u64>,
    pub(super) pattern: Option<&'a str>,
    /// The `format` of a text.
    pub(super) format: Option<&'a str>,
    pub(super) items: Option<Schema<'a>>,
    /// Whether no two items of a list are equal.
    pub(super) unique: bool,
    pub(super) properties: IndexMap<&'a str, Property<'a>>,
    pub(super) additional: Additional<'a>,
}

impl Facets<'_> {
    /// The only values, where there are few by nature or by declaration.
    pub(super) fn words(&self, kind: Kind) -> Option<Vec<Json>> {
        self.words.clone().or(match kind {
            Kind::Boolean => Some(vec![Json::Bool(true), Json::Bool(false)]),
            Kind::Null => Some(vec![Json::Null]),
            _ => None,
        })
    }

    /// Whether it says anything of its values besides their kind, their format and their words.
    pub(super) fn is_limited(&self) -> bool {
        self.min.is_some()
            || self.max.is_some()
            || self.step.is_some()
            || self.min_length.is_some()
            || self.max_length.is_some()
            || self.pattern.is_some()
            || self.unique
    }

    /// Whether its format says how long a text is, and what it is made of.
    pub(super) fn has_fixed_form(&self) -> bool {
        matches!(
            self.format,
            Some("uuid" | "date" | "date-time" | "time" | "decimal" | "duration")
        )
    }

    /// Whether its limits may leave no more values than could be listed.
    pub(super) fn may_be_few(&self) -> bool {
        self.pattern.is_some() || self.min.is_some() && self.max.is_some()
    }
}

/// A least or greatest number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bound {
    pub(super) value: f64,
    /// Whether the number itself is left out.
    pub(super) strict: bool,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{}",
            self.value,
            if self.strict { " (exclusive)" } else { "" }
        )
    }
}

/// A property of a record.
#[derive(Debug)]
pub(super) struct Property<'a> {
    pub(super) required: bool,
    pub(super) schema: Schema<'a>,
    /// What it was called before.
    pub(super) renamed_from: Option<&'a Name>,
}

/// What a record may hold besides its properties.
#[derive(Debug, Default, Clone, Copy)]
pub(super) enum Additional<'a> {
    /// Anything, which is passed over.
    #[default]
    Open,
    /// Nothing.
    Closed,
    /// Further names, each with a value of this schema.
    Each(Schema<'a>),
}

impl<'a> Shape<'a> {
    /// A shape of one kind.
    pub(super) fn one(kind: Kind, facets: Facets<'a>) -> Self {
        Self {
            kinds: BTreeMap::from([(kind, vec![facets])]),
            rest: Vec::new(),
        }
    }

    /// Whatever JSON can hold.
    pub(super) fn any() -> Self {
        Self {
            kinds: Kind::ALL
                .into_iter()
                .map(|kind| (kind, vec![Facets::default()]))
                .collect(),
            rest: Vec::new(),
        }
    }

    /// What it is, as the file would say it.
    pub(super) fn title(&self) -> String {
        if Kind::ALL.iter().all(|kind| self.kinds.contains_key(kind)) {
            return "any JSON".to_owned();
        }
        let mut parts: Vec<String> = Vec::new();
        for (kind, facets) in &self.kinds {
            for facets in facets {
                let part = title(*kind, facets);
                if !parts.contains(&part) {
                    parts.push(part);
                }
            }
        }
        if parts.is_empty() {
            "nothing".to_owned()
        } else {
            parts.join(" or ")
        }
    }
}

fn title(kind: Kind, facets: &Facets<'_>) -> String {
    const SHOWN: usize = 5;
    if let Some(words) = &facets.words {
        return match words.as_slice() {
            words if words.len() > SHOWN => format!("one of {} words", words.len()),
            words => words.iter().map(word).collect::<Vec<_>>().join(" | "),
        };
    }
    match kind {
        Kind::Null => "null".to_owned(),
        Kind::Boolean => "boolean".to_owned(),
        Kind::Number if facets.whole => "integer".to_owned(),
        Kind::Number => "number".to_owned(),
        Kind::String => match facets.format {
            None => "string".to_owned(),
            Some("date-time") => "ISO8601".to_owned(),
            Some(format @ ("uuid" | "date" | "decimal")) => format.to_owned(),
            Some(format) => format!("string ({format})"),
        },
        Kind::Array => "a list".to_owned(),
        Kind::Object => "a record".to_owned(),
    }
}

/// A value as people write it.
pub(super) fn word(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl<'a> Schema<'a> {
    /// The same behind its references.
    pub(super) fn resolved(self) -> Self {
        match self {
            Self::Typed { model, ty, limits } => match model.resolved(ty) {
                Type::Json | Type::Unknown => Self::Any,
                ty => Self::Typed { model, ty, limits },
            },
            Self::Raw { root, at } => Self::Raw {
                root,
                at: raw::resolved(root, at),
            },
            other => other,
        }
    }

    /// What tells a part that can be reached in several ways.
    pub(super) fn identity(self) -> Option<usize> {
        match self {
            Self::Any => Some(0),
            Self::Typed {
                model,
                ty: Type::Named(id),
                ..
            } => Some(std::ptr::from_ref(&model.types[*id]) as usize),
            Self::Raw { at, .. } => Some(std::ptr::from_ref(at) as usize),
            _ => None,
        }
    }

    /// Its first level.
    pub(super) fn shape(self) -> Shape<'a> {
        match self {
            Self::Any => Shape::any(),
            Self::Record(record) => declared::record(record),
            Self::Typed { model, ty, limits } => declared::ty(model, ty, limits),
            Self::Raw { root, at } => raw::shape(root, at),
        }
    }
}
