//! What was read, as JSON in one spelling: for who compares two versions of a file key by key.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::Decode;
use crate::syntax::source::Spanned;

/// Adds a key of a record, if it says anything.
pub fn declare(record: &mut Map<String, Json>, key: &str, value: Json) {
    if !value.is_null() {
        record.insert(key.to_owned(), value);
    }
}

/// Gives each thing a name of its own: those of one name are numbered from the second on, `name#2`.
pub fn numbered<T>(
    things: impl IntoIterator<Item = (String, T)>,
) -> impl Iterator<Item = (String, T)> {
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    things.into_iter().map(move |(name, thing)| {
        let met = met.entry(name.clone()).or_default();
        *met += 1;
        match *met {
            1 => (name, thing),
            again => (format!("{name}#{again}"), thing),
        }
    })
}

/// Things by name; null where there is none.
pub(super) fn by_name<'a, T: Decode + 'a>(
    things: impl Iterator<Item = (&'a Spanned<String>, &'a T)>,
) -> Json {
    let named = things.map(|(name, thing)| (name.value.clone(), thing.declared()));
    let all: Map<String, Json> = numbered(named).collect();
    match all.is_empty() {
        true => Json::Null,
        false => Json::Object(all),
    }
}
