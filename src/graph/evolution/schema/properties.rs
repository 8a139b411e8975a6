//! What differs between the properties of two records.

use super::compare::{HOLD, Reads, Walk, reads};
use super::shape::{Additional, Facets, Property};
use super::{Change, Verdict};
use crate::model::name::Name;

impl Walk {
    pub(super) fn object(&mut self, old: &Facets<'_>, new: &Facets<'_>) {
        let renamed: Vec<(&str, &str)> = renamed(old, new);
        for (name, property) in &new.properties {
            self.path.push((*name).to_owned());
            let before = renamed.iter().find(|(_, now)| now == name);
            match (old.properties.get(name), before) {
                (Some(was), _) => self.property(was, property),
                (None, Some((before, _))) => {
                    let what = format!("was called `{before}`");
                    self.note(Change::Renamed, what, (Verdict::Breaks, Verdict::Breaks));
                    self.property(&old.properties[before], property);
                }
                (None, None) => self.added(old, property),
            }
            self.path.pop();
        }
        for (name, property) in &old.properties {
            let kept = new.properties.contains_key(name)
                || renamed.iter().any(|(before, _)| before == name);
            if !kept {
                self.path.push((*name).to_owned());
                let (read, written) = came(property, new.additional);
                self.note(Change::Removed, "is gone".to_owned(), (read, written));
                self.path.pop();
            }
        }
        self.additional(old.additional, new.additional);
    }

    fn property(&mut self, old: &Property<'_>, new: &Property<'_>) {
        if old.required != new.required {
            let (kind, what) = if new.required {
                (Change::MadeRequired, "must be there now")
            } else {
                (Change::MadeOptional, "may be missing now")
            };
            self.note(
                kind,
                what.to_owned(),
                (reads(!new.required), reads(!old.required)),
            );
        }
        self.schemas(old.schema, new.schema);
    }

    fn added(&mut self, old: &Facets<'_>, property: &Property<'_>) {
        let (read, written) = came(property, old.additional);
        let (kind, what) = if property.required {
            (Change::RequiredAdded, "is new and must be there")
        } else {
            (Change::Added, "is new")
        };
        self.note(kind, what.to_owned(), (written, read));
    }

    fn additional(&mut self, old: Additional<'_>, new: Additional<'_>) {
        let (holds, breaks) = (Verdict::Holds, Verdict::Breaks);
        let (what, both) = match (old, new) {
            (Additional::Each(old), Additional::Each(new)) => {
                self.path.push("*".to_owned());
                self.schemas(old, new);
                self.path.pop();
                return;
            }
            (Additional::Open, Additional::Open) | (Additional::Closed, Additional::Closed) => {
                return;
            }
            (Additional::Closed, Additional::Open) => ("passes over further names now", HOLD),
            (Additional::Open, Additional::Closed) => ("refuses further names now", HOLD),
            (Additional::Open, Additional::Each(_)) => ("may hold further names now", HOLD),
            (Additional::Each(_), Additional::Open) => ("passes over further names now", HOLD),
            (Additional::Closed, Additional::Each(_)) => {
                ("may hold further names now", (holds, breaks))
            }
            (Additional::Each(_), Additional::Closed) => {
                ("refuses further names now", (breaks, holds))
            }
        };
        self.note(Change::FurtherNames, what.to_owned(), both);
    }
}

/// Whether a side without a property reads it, and whether that side writes what the other needs.
fn came(property: &Property<'_>, without: Additional<'_>) -> Reads {
    let read = match without {
        Additional::Open => Verdict::Holds,
        Additional::Closed => Verdict::Breaks,
        Additional::Each(_) => Verdict::Unknown,
    };
    let written = match (property.required, without) {
        (true, _) => Verdict::Breaks,
        // It may write anything of this schema under the same name.
        (false, Additional::Each(_)) => Verdict::Unknown,
        (false, _) => Verdict::Holds,
    };
    (read, written)
}

/// Properties that have another name now, by declaration or by spelling: before and now.
fn renamed<'a>(old: &Facets<'a>, new: &Facets<'a>) -> Vec<(&'a str, &'a str)> {
    let gone: Vec<(&'a str, String)> = old
        .properties
        .keys()
        .filter(|name| !new.properties.contains_key(*name))
        .map(|name| (*name, Name::snake_of(name)))
        .collect();
    let mut pairs: Vec<(&'a str, &'a str)> = Vec::new();
    if gone.is_empty() {
        return pairs;
    }
    for (name, property) in &new.properties {
        if old.properties.contains_key(name) {
            continue;
        }
        let spelt = Name::snake_of(name);
        let before = gone.iter().find(|(before, snake)| {
            let meant = *snake == spelt
                || property
                    .renamed_from
                    .is_some_and(|from| from.snake() == snake);
            meant && pairs.iter().all(|(taken, _)| taken != before)
        });
        if let Some((before, _)) = before {
            pairs.push((before, name));
        }
    }
    pairs
}
