//! What differs between two schemas, and in which direction it can still be read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use serde_json::Value as Json;

use super::shape::{Bound, Facets, Kind, Shape, word};
use super::{Change, Difference, Schema, Verdict};

/// All differences between two schemas, in the order of their fields. A named type that is met again is compared once.
#[must_use]
pub fn differences(old: Schema<'_>, new: Schema<'_>) -> Vec<Difference> {
    let mut walk = Walk::default();
    walk.schemas(old, new);
    walk.found
}

/// A comparison under way.
#[derive(Default)]
pub(super) struct Walk {
    found: Vec<Difference>,
    pub(super) path: Vec<String>,
    /// Pairs that were compared, or are being compared: what holds itself is compared once.
    met: BTreeSet<(usize, usize, bool)>,
    /// Whether a value need not be what is compared here: another alternative may take it.
    unsure: bool,
    /// Whether who wrote the old, or the new, may be held back by keywords that are not followed.
    masked: (bool, bool),
    /// Whether two raw schemas differ anywhere, so that equal references may lead to different places.
    moved: BTreeMap<(usize, usize), bool>,
}

/// What is found of one aspect: whether the second of a pair reads what the first writes.
pub(super) type Reads = (Verdict, Verdict);

pub(super) const HOLD: Reads = (Verdict::Holds, Verdict::Holds);

pub(super) fn reads(holds: bool) -> Verdict {
    if holds {
        Verdict::Holds
    } else {
        Verdict::Breaks
    }
}

impl Walk {
    pub(super) fn schemas(&mut self, old: Schema<'_>, new: Schema<'_>) {
        let (old, new) = (old.resolved(), new.resolved());
        if let (Some(old), Some(new)) = (old.identity(), new.identity())
            && !self.met.insert((old, new, self.unsure))
        {
            return;
        }
        let (was, is) = (old.shape(), new.shape());
        let outer = self.masked;
        self.masked = (!was.rest.is_empty(), !is.rest.is_empty());
        self.kinds(&was, &is);
        self.rest(&was, &is, (old, new));
        for (kind, old) in &was.kinds {
            let Some(new) = is.kinds.get(kind) else {
                continue;
            };
            let plain = old.len() == 1 && new.len() == 1;
            let before = self.unsure;
            self.unsure |= !plain;
            for (old, new) in old.iter().zip(new) {
                self.facets(*kind, old, new);
            }
            if old.len() != new.len() {
                self.note(
                    Change::Type,
                    format!("had {} alternatives, has {} now", old.len(), new.len()),
                    (Verdict::Breaks, Verdict::Breaks),
                );
            }
            self.unsure = before;
        }
        self.masked = outer;
    }

    /// The kinds of values, what texts look like, and whether numbers are whole: together, they are the type.
    fn kinds(&mut self, was: &Shape<'_>, is: &Shape<'_>) {
        let gone = was.kinds.keys().any(|kind| !is.kinds.contains_key(kind));
        let new = is.kinds.keys().any(|kind| !was.kinds.contains_key(kind));
        let mut both = (reads(!gone), reads(!new));
        let mut differ = gone || new;
        for (kind, old) in &was.kinds {
            let Some(new) = is.kinds.get(kind) else {
                continue;
            };
            let ([old], [new]) = (old.as_slice(), new.as_slice()) else {
                continue;
            };
            for (backward, forward) in ty(*kind, old, new) {
                differ = true;
                both = (both.0.max(backward), both.1.max(forward));
            }
        }
        if differ {
            self.note(
                Change::Type,
                format!("was {}, is now {}", was.title(), is.title()),
                both,
            );
        }
    }

    /// Keywords that are not followed: equal ones say the same, none says less.
    fn rest(&mut self, was: &Shape<'_>, is: &Shape<'_>, within: (Schema<'_>, Schema<'_>)) {
        let same = was.rest.len() == is.rest.len()
            && was.rest.iter().all(|keyword| is.rest.contains(keyword));
        let refers = |(key, value): &(&str, &Json)| *key == "$ref" || mentions(value);
        if same && !(was.rest.iter().any(refers) && self.moved(within)) {
            return;
        }
        let mut keywords: Vec<String> = Vec::new();
        for (key, value) in was.rest.iter().chain(&is.rest) {
            let equal = was.rest.contains(&(*key, *value)) && is.rest.contains(&(*key, *value));
            let key = format!("`{key}`");
            if (same || !equal) && !keywords.contains(&key) {
                keywords.push(key);
            }
        }
        let backward = if is.rest.is_empty() {
            Verdict::Holds
        } else {
            Verdict::Unknown
        };
        let forward = if was.rest.is_empty() {
            Verdict::Holds
        } else {
            Verdict::Unknown
        };
        self.note(
            Change::Keywords,
            format!("says something else by {}", keywords.join(", ")),
            (backward, forward),
        );
    }

    fn moved(&mut self, within: (Schema<'_>, Schema<'_>)) -> bool {
        let (Schema::Raw { root: old, .. }, Schema::Raw { root: new, .. }) = within else {
            return true;
        };
        let roots = [old, new].map(|root| std::ptr::from_ref(root) as usize);
        *self
            .moved
            .entry((roots[0], roots[1]))
            .or_insert_with(|| old != new)
    }

    fn facets(&mut self, kind: Kind, old: &Facets<'_>, new: &Facets<'_>) {
        let (was, is) = (old.words(kind), new.words(kind));
        if let (Some(was), Some(is)) = (&was, &is) {
            self.words(was, is);
        }
        let least = |writer: &Bound, reader: &Bound| {
            writer.value > reader.value
                || writer.value == reader.value && (writer.strict || !reader.strict)
        };
        let most = |writer: &Bound, reader: &Bound| {
            writer.value < reader.value
                || writer.value == reader.value && (writer.strict || !reader.strict)
        };
        // Words may well keep a limit that they do not name.
        let before = self.unsure;
        self.unsure |= was.is_some() || is.is_some();
        self.limit("a least value of", old.min, new.min, least);
        self.limit("a greatest value of", old.max, new.max, most);
        self.limit("steps of", old.step, new.step, |writer, reader| {
            (writer / reader).fract() == 0.0
        });
        // So may a text whose form is fixed: no date is empty.
        self.unsure |= old.has_fixed_form() || new.has_fixed_form();
        self.limit(
            "a least length of",
            old.min_length,
            new.min_length,
            |w, r| w >= r,
        );
        self.limit(
            "a greatest length of",
            old.max_length,
            new.max_length,
            |w, r| w <= r,
        );
        self.limit("the pattern", old.pattern, new.pattern, |w, r| w == r);
        if old.unique != new.unique {
            let what = if new.unique {
                "has each item once now"
            } else {
                "may repeat items now"
            };
            self.note(
                Change::Limits,
                what.to_owned(),
                (reads(!new.unique), reads(!old.unique)),
            );
        }
        self.unsure = before;
        match kind {
            Kind::Array => {
                self.path.push("[]".to_owned());
                self.schemas(
                    old.items.unwrap_or(Schema::Any),
                    new.items.unwrap_or(Schema::Any),
                );
                self.path.pop();
            }
            Kind::Object => self.object(old, new),
            _ => {}
        }
    }

    fn words(&mut self, old: &[Json], new: &[Json]) {
        let only = |mine: &[Json], other: &[Json]| -> Vec<String> {
            let only = mine.iter().filter(|value| !other.contains(value));
            only.map(|value| format!("`{}`", word(value))).collect()
        };
        let (gone, added) = (only(old, new), only(new, old));
        let what = match (gone.as_slice(), added.as_slice()) {
            ([], []) => return,
            ([], added) => format!("may also be {}", added.join(", ")),
            (gone, []) => format!("can no longer be {}", gone.join(", ")),
            (gone, added) => format!(
                "can no longer be {}, and may be {} instead",
                gone.join(", "),
                added.join(", ")
            ),
        };
        self.note(
            Change::Words,
            what,
            (reads(gone.is_empty()), reads(added.is_empty())),
        );
    }

    fn limit<T: PartialEq + Display>(
        &mut self,
        name: &str,
        old: Option<T>,
        new: Option<T>,
        keeps: impl Fn(&T, &T) -> bool,
    ) {
        let read = |writer: &Option<T>, reader: &Option<T>| match (writer, reader) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(writer), Some(reader)) => keeps(writer, reader),
        };
        let both = (reads(read(&old, &new)), reads(read(&new, &old)));
        match (old, new) {
            (Some(old), Some(new)) if old != new => {
                self.note(
                    Change::Limits,
                    format!("had {name} {old}, has {new} now"),
                    both,
                );
            }
            (Some(old), None) => {
                self.note(Change::Limits, format!("no longer has {name} {old}"), both)
            }
            (None, Some(new)) => self.note(Change::Limits, format!("has {name} {new} now"), both),
            _ => {}
        }
    }

    pub(super) fn note(&mut self, kind: Change, what: String, (backward, forward): Reads) {
        let held = |verdict: Verdict, masked: bool| {
            if masked || self.unsure {
                verdict.min(Verdict::Unknown)
            } else {
                verdict
            }
        };
        let difference = Difference {
            kind,
            path: self.path.join(".").replace(".[]", "[]"),
            what,
            // Who writes may be held back by keywords that nobody here follows.
            backward: held(backward, self.masked.0),
            forward: held(forward, self.masked.1),
        };
        self.found.push(difference);
    }
}

/// What part of the type differs: who reads what.
fn ty(kind: Kind, old: &Facets<'_>, new: &Facets<'_>) -> Vec<Reads> {
    let mut found = Vec::new();
    if old.whole != new.whole {
        found.push((reads(!new.whole), reads(!old.whole)));
    }
    if old.format != new.format {
        found.push((reads(new.format.is_none()), reads(old.format.is_none())));
    }
    let unless = |doubt: bool, verdict| if doubt { Verdict::Unknown } else { verdict };
    let widened = |to: &Facets<'_>| unless(to.is_limited(), Verdict::Holds);
    let narrowed = |from: &Facets<'_>| unless(from.may_be_few(), Verdict::Breaks);
    match (old.words(kind), new.words(kind)) {
        (None, Some(_)) => found.push((narrowed(old), widened(old))),
        (Some(_), None) => found.push((widened(new), narrowed(new))),
        _ => {}
    }
    found
}

/// Whether a schema refers to another place.
fn mentions(value: &Json) -> bool {
    match value {
        Json::Object(map) => map.contains_key("$ref") || map.values().any(mentions),
        Json::Array(items) => items.iter().any(mentions),
        _ => false,
    }
}
