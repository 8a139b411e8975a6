//! Keys: what may be one, those that stand twice, and those that `<<` brings in.

use std::collections::{BTreeMap, BTreeSet};

use super::{Builder, Pending};
use crate::syntax::fault;
use crate::syntax::finding::Finding;
use crate::syntax::source::Spanned;
use crate::syntax::yaml::{Entry, Node, Style, Value};

/// The key of a merge. No text holds a NUL, so no key of a file is equal to it.
pub(super) const MERGE: &str = "\0<<";

pub(super) fn as_key(node: Node) -> (Pending, Option<Finding>) {
    match node.value {
        Value::Scalar(scalar) => {
            let merge = scalar.style == Style::Plain && &*scalar.text == "<<";
            (
                Pending::Key(Spanned::new(scalar.text, node.span), merge),
                None,
            )
        }
        Value::Refused => (Pending::Refused, None),
        _ => {
            let finding = Finding::error(fault::WRONG_TYPE, node.head(), "a key must be text")
                .help("put quotes around it if a text with braces or brackets is meant");
            (Pending::Refused, Some(finding))
        }
    }
}

impl Builder<'_> {
    pub(super) fn without_duplicates(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut duplicates = Vec::new();
        if entries.len() <= 12 {
            for (i, entry) in entries.iter().enumerate() {
                if let Some(first) = entries[..i].iter().position(|other| other.key == entry.key) {
                    duplicates.push((i, first));
                }
            }
        } else {
            let mut seen = BTreeMap::new();
            for (i, entry) in entries.iter().enumerate() {
                if let Some(first) = seen.get(&entry.key) {
                    duplicates.push((i, *first));
                } else {
                    seen.insert(&entry.key, i);
                }
            }
        }
        for (again, first) in &duplicates {
            let (again, first) = (&entries[*again].key, &entries[*first].key);
            let name = if &*again.value == MERGE {
                "<<"
            } else {
                &again.value
            };
            let finding = Finding::error(
                fault::DUPLICATE_KEY,
                again.span,
                format!("the key `{name}` stands here twice"),
            )
            .here("again here")
            .label(first.span, "first here; this one is read")
            .help("merge the two, or rename one");
            self.push(finding);
        }
        if duplicates.is_empty() {
            return entries;
        }
        let dropped: BTreeSet<usize> = duplicates.iter().map(|(again, _)| *again).collect();
        entries
            .into_iter()
            .enumerate()
            .filter(|(i, _)| !dropped.contains(i))
            .map(|(_, entry)| entry)
            .collect()
    }

    /// Expands `<<: *base` and `<<: [*a, *b]`: what stands in the map wins over what is merged, the earlier over the later.
    pub(super) fn merge(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        if entries.iter().all(|entry| &*entry.key.value != MERGE) {
            return entries;
        }
        let (merges, mut entries): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .partition(|entry| &*entry.key.value == MERGE);
        let mut known: BTreeSet<Box<str>> = entries
            .iter()
            .map(|entry| entry.key.value.clone())
            .collect();
        for merge in merges {
            let parts = match merge.value.value {
                Value::List(items) => items,
                value => vec![Node {
                    span: merge.value.span,
                    value,
                }],
            };
            for part in parts {
                match part.value {
                    Value::Map(map) => {
                        entries.extend(
                            map.entries
                                .into_iter()
                                .filter(|entry| known.insert(entry.key.value.clone())),
                        );
                    }
                    Value::Refused => {}
                    _ => self.push(
                        Finding::error(
                            fault::WRONG_TYPE,
                            part.span,
                            "`<<` merges maps, and this is none",
                        )
                        .help("give an alias of a map, or a list of them"),
                    ),
                }
            }
        }
        entries
    }
}
