//! How the versions of an event differ, where that breaks who reads one with the schema of another.

use std::collections::BTreeSet;

use crate::model::event::Event;
use crate::model::types::{Field, Fields, Type};

/// A kind of change that breaks readers: of old data with the new schema, or of new data with the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Break {
    /// A field went, or has another name.
    Removed,
    /// A field came that must be there.
    RequiredAdded,
    /// A field that need not be there has to be.
    MadeRequired,
    /// A field that had to be there need not be.
    MadeOptional,
    /// A field has another type.
    TypeChanged,
    /// A field takes other words.
    WordsChanged,
    /// A field has other limits.
    LimitsChanged,
}

impl Break {
    /// As it is told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "field-removed",
            Self::RequiredAdded => "required-field-added",
            Self::MadeRequired => "made-required",
            Self::MadeOptional => "made-optional",
            Self::TypeChanged => "type-changed",
            Self::WordsChanged => "values-changed",
            Self::LimitsChanged => "limits-changed",
        }
    }
}

/// The kinds of change from each version of an event to the next, all together. None where there is nothing to compare: one version alone, or
/// one without fields that are known.
#[must_use]
pub(super) fn breaks(event: &Event) -> Option<BTreeSet<Break>> {
    let known = |schema: &Fields| schema.raw.is_none();
    let mut versions = event.versions.iter();
    if event.versions.len() < 2
        || !versions.all(|version| version.has_schema && known(&version.schema))
    {
        return None;
    }
    let pairs = event.versions.windows(2);
    Some(
        pairs
            .flat_map(|pair| between(&pair[0].schema, &pair[1].schema))
            .collect(),
    )
}

fn between(old: &Fields, new: &Fields) -> BTreeSet<Break> {
    let mut found = BTreeSet::new();
    for field in &old.fields {
        match new.find(field.name.as_str()) {
            None => {
                found.insert(Break::Removed);
            }
            Some(now) => found.extend(of_field(field, now)),
        }
    }
    let came = new.fields.iter();
    let mut came = came.filter(|field| old.find(field.name.as_str()).is_none());
    if came.any(|field| field.required) {
        found.insert(Break::RequiredAdded);
    }
    found
}

fn of_field(old: &Field, new: &Field) -> impl Iterator<Item = Break> {
    let presence = match (old.required, new.required) {
        (false, true) => Some(Break::MadeRequired),
        (true, false) => Some(Break::MadeOptional),
        _ => None,
    };
    let ty = match (&old.ty, &new.ty) {
        (old, new) if old == new => None,
        (Type::Enum(old), Type::Enum(new)) => {
            let sorted = |words: &[String]| words.iter().cloned().collect::<BTreeSet<_>>();
            (sorted(old) != sorted(new)).then_some(Break::WordsChanged)
        }
        _ => Some(Break::TypeChanged),
    };
    let limits = (old.limits != new.limits).then_some(Break::LimitsChanged);
    presence.into_iter().chain(ty).chain(limits)
}
