//! What else the file says: every key that no other part of the comparison speaks of, as it was and as it is.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use super::{Area, Change, Kind, Sides, data, operations, told};
use crate::graph::evolution::events;
use crate::model::name::Name;
use crate::syntax::decode::{Decode, numbered, shorten};
use crate::syntax::document::Document;

/// Keys by which the items of a list are known, the first that an item has.
const KNOWN_BY: &[&str] = &[
    "to", "action", "path", "step", "name", "table", "service", "event", "role",
];

/// Where things are called as services are.
const BY_SERVICE: &[&str] = &["services", "data_management", "calls", "consumers"];

/// Everything that differs between two documents and that no other part tells.
pub(super) fn of(sides: &Sides<'_>, old: Option<&Document>, new: Option<&Document>) -> Vec<Change> {
    let declared = |document: Option<&Document>| {
        document.map_or_else(|| Json::Object(Map::new()), Decode::declared)
    };
    let mut walk = Walk {
        sides,
        renamed: renamed(sides),
        path: Vec::new(),
        changes: Vec::new(),
    };
    walk.both(&declared(old), &declared(new));
    walk.changes
}

/// What is called otherwise now: by where it stands and what it was called.
fn renamed(sides: &Sides<'_>) -> BTreeMap<(String, String), String> {
    let mut renamed = BTreeMap::new();
    let mut add = |at: String, was: &Name, is: &Name| {
        if was.as_str() != is.as_str() {
            renamed.insert((at, was.to_string()), is.to_string());
        }
    };
    for (was, is) in &sides.services.kept {
        let at = format!("services.{}", sides.new.services[*is].name);
        for (was, is) in data::pairs(sides, *was, *is).kept {
            let (was, is) = (&sides.old.entities[was], &sides.new.entities[is]);
            add(format!("{at}.data_ownership"), &was.name, &is.name);
        }
        for (was, is) in operations::pairs(sides, *was, *is).kept {
            let (was, is) = (&sides.old.endpoints[was], &sides.new.endpoints[is]);
            add(format!("{at}.endpoints"), &was.name, &is.name);
        }
    }
    for (was, is) in events::pairs(sides.old, sides.new).kept {
        let (was, is) = (&sides.old.events[was], &sides.new.events[is]);
        add("events".to_owned(), &was.name, &is.name);
    }
    renamed
}

/// A comparison under way.
struct Walk<'s, 'm> {
    sides: &'s Sides<'m>,
    renamed: BTreeMap<(String, String), String>,
    /// Where it is, by the names of now.
    path: Vec<String>,
    changes: Vec<Change>,
}

/// The parts of a value by name.
type Parts<'v> = Vec<(String, &'v Json)>;

impl Walk<'_, '_> {
    /// A value that is there before and now.
    fn both(&mut self, was: &Json, is: &Json) {
        if was == is {
            return;
        }
        let lists = has_records(was) || has_records(is);
        match (parts(was, lists), parts(is, lists)) {
            (Some(was), Some(is)) => self.parts(was, is),
            _ if self.now(was) == *is => {}
            _ if told::differs(&self.path) => {}
            _ => self.tell(
                Kind::Changed,
                format!("is {}, was {}", shown(is), shown(was)),
            ),
        }
    }

    fn parts(&mut self, was: Parts<'_>, is: Parts<'_>) {
        let place = self.path.join(".");
        // A name that something else has now is not that of who bears it.
        let (moved, kept): (Parts<'_>, Parts<'_>) = was
            .into_iter()
            .partition(|(key, _)| self.renamed.contains_key(&(place.clone(), key.clone())));
        let mut before: IndexMap<String, (String, &Json)> = IndexMap::new();
        let mut met = BTreeSet::new();
        let mut gone = Vec::new();
        for (key, value) in moved.into_iter().chain(kept) {
            let now = plain(&self.key_now(&place, &key));
            if before.contains_key(&now) {
                gone.push((key, value));
            } else {
                before.insert(now, (key, value));
            }
        }
        for (key, value) in is {
            let name = plain(&key);
            let known = before.get(&name).map(|(_, was)| *was);
            met.insert(name);
            self.path.push(key);
            match known {
                Some(was) => self.both(was, value),
                None => self.one(value, true),
            }
            self.path.pop();
        }
        let left = before.into_iter().filter(|(name, _)| !met.contains(name));
        gone.extend(left.map(|(_, part)| part));
        for (key, value) in gone {
            self.path.push(key);
            self.one(value, false);
            self.path.pop();
        }
    }

    /// A value that came or went.
    fn one(&mut self, value: &Json, new: bool) {
        if told::came_or_went(&self.path, new) {
            return;
        }
        let holds = told::holds(&self.path, new);
        if let Some(parts) = parts(value, true).filter(|_| holds) {
            if new {
                self.parts(Vec::new(), parts);
            } else {
                self.parts(parts, Vec::new());
            }
            return;
        }
        match (new, text(value)) {
            (true, Some(text)) => self.tell(Kind::Added, format!("is new: {text}")),
            (true, None) => self.tell(Kind::Added, "is new".to_owned()),
            (false, Some(text)) => self.tell(Kind::Removed, format!("is gone, was {text}")),
            (false, None) => self.tell(Kind::Removed, "is gone".to_owned()),
        }
    }

    fn tell(&mut self, kind: Kind, what: String) {
        let (area, subject) = subject(&self.path);
        self.changes.push(Change::new(area, kind, subject, what));
    }

    /// What something of the old file is called now.
    fn key_now(&self, place: &str, key: &str) -> String {
        if let Some(now) = self.renamed.get(&(place.to_owned(), key.to_owned())) {
            return now.clone();
        }
        match self.path.last() {
            Some(at) if BY_SERVICE.contains(&at.as_str()) => self.sides.name_now(key),
            _ => key.to_owned(),
        }
    }

    /// A value of the old file as it would be written now: services may have other names.
    fn now(&self, was: &Json) -> Json {
        match was {
            Json::String(text) => Json::String(self.sides.name_now(text)),
            Json::Array(items) => items.iter().map(|item| self.now(item)).collect(),
            other => other.clone(),
        }
    }
}

fn has_records(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.iter().any(Json::is_object),
        value => value.is_object(),
    }
}

/// What a value is made of: the keys of a record, and the items of a list by what they are known by, else by their place.
fn parts(value: &Json, lists: bool) -> Option<Parts<'_>> {
    let known = |(at, item): (usize, &Json)| -> String {
        let keys = KNOWN_BY.iter().filter_map(|key| item.get(key));
        let mut words = keys.chain(Some(item)).filter_map(Json::as_str);
        words
            .next()
            .map_or_else(|| (at + 1).to_string(), str::to_owned)
    };
    match value {
        Json::Object(map) => Some(
            map.iter()
                .map(|(key, value)| (key.clone(), value))
                .collect(),
        ),
        Json::Array(items) if lists => {
            let items = items.iter().enumerate();
            Some(numbered(items.map(|(at, item)| (known((at, item)), item))).collect())
        }
        _ => None,
    }
}

/// Names alike in all spellings; what is no name stays as it is.
fn plain(key: &str) -> String {
    let is_name = key
        .chars()
        .all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-'));
    if is_name {
        Name::snake_of(key)
    } else {
        key.to_owned()
    }
}

/// A value as it is told.
fn shown(value: &Json) -> String {
    text(value).unwrap_or_else(|| shorten(&value.to_string()))
}

/// A word, or some of them.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::Object(_) => None,
        Json::String(text) => Some(shorten(text)),
        Json::Array(items) if items.is_empty() => Some("none".to_owned()),
        Json::Array(items) => {
            let words: Option<Vec<String>> = items.iter().map(text).collect();
            words.map(|words| words.join(", "))
        }
        value => Some(value.to_string()),
    }
}

/// What a place is about, and what it is called there.
fn subject(path: &[String]) -> (Area, String) {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    let (area, words) = match words.as_slice() {
        ["services", service, "data_ownership", rest @ ..] => {
            (Area::Data, [&[*service], rest].concat())
        }
        ["services", service, "endpoints", rest @ ..] => {
            (Area::Operations, [&[*service], rest].concat())
        }
        ["services", _, "calls", ..] => (Area::Calls, words[1..].to_vec()),
        ["services", rest @ ..] => (Area::Services, rest.to_vec()),
        ["data_management", ..] => (Area::Data, words),
        ["events", rest @ ..] => (Area::Events, rest.to_vec()),
        ["sagas", rest @ ..] => (Area::Sagas, rest.to_vec()),
        ["gateway", "routes", rest @ ..] => (Area::Routes, rest.to_vec()),
        _ => (Area::Declarations, words),
    };
    (area, words.join("."))
}
