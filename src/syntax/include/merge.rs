//! Joins the trees of several files: a section may stand in any of them, and in several.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::super::fault;
use super::super::finding::Finding;
use super::super::source::{Span, Spanned};
use super::super::yaml::{Entry, Map, Node, Value};

/// Lists below the top level of which every file may have a part: section and key.
const JOINED: &[(&str, &str)] = &[("rules", "overrides")];

/// A top-level key where it stands first, and its values in all files.
type Section = (Spanned<Box<str>>, Vec<Node>);

/// One tree out of those of all files. The first is the main file's.
pub(super) fn join(roots: Vec<Node>, findings: &mut Vec<Finding>) -> Option<Node> {
    if roots.len() < 2 {
        return roots.into_iter().next();
    }
    let mut span = None;
    let mut sections: IndexMap<Box<str>, Section> = IndexMap::new();
    for root in roots {
        span.get_or_insert(root.span);
        match root.value {
            Value::Map(map) => {
                for Entry { key, value } in map.entries {
                    sections
                        .entry(key.value.clone())
                        .or_insert_with(|| (key, Vec::new()))
                        .1
                        .push(value);
                }
            }
            Value::Refused => {}
            _ => findings.push(
                Finding::error(
                    fault::WRONG_TYPE,
                    root.head(),
                    format!("expected an architecture (a map), found {}", root.kind()),
                )
                .help("the top level of every file holds keys such as `services:`"),
            ),
        }
    }
    let entries = sections
        .into_values()
        .map(|(key, parts)| {
            let value = join_section(&key.value, parts, findings);
            Entry { key, value }
        })
        .collect();
    Some(Node {
        span: span.unwrap_or_default(),
        value: Value::Map(Map { entries }),
    })
}

fn join_section(section: &str, parts: Vec<Node>, findings: &mut Vec<Finding>) -> Node {
    let mut parts = parts
        .into_iter()
        .filter(|part| !matches!(part.value, Value::Refused));
    let Some(mut whole) = parts.next() else {
        return Node {
            span: Span::default(),
            value: Value::Refused,
        };
    };
    let mut names: Option<BTreeMap<Box<str>, Span>> = None;
    for part in parts {
        if part.is_null() {
            continue;
        }
        if whole.is_null() {
            whole = part;
            continue;
        }
        match (&mut whole.value, part.value) {
            (Value::List(items), Value::List(more)) => items.extend(more),
            (Value::Map(map), Value::Map(more)) => {
                let names = names.get_or_insert_with(|| {
                    map.entries
                        .iter()
                        .map(|entry| (entry.key.value.clone(), entry.key.span))
                        .collect()
                });
                add_entries(section, map, more, names, findings);
            }
            // The format version may stand in every file.
            (Value::Scalar(one), Value::Scalar(other)) if section == "msarch" && one == &other => {}
            _ => findings.push(
                Finding::error(
                    fault::DUPLICATE_KEY,
                    part.span,
                    format!("`{section}` is given in two files, in ways that cannot be joined"),
                )
                .here("again here")
                .label(whole.head(), "first here; this one is read")
                .help("keep it in one file, or write both as maps or both as lists"),
            ),
        }
    }
    whole
}

fn add_entries(
    section: &str,
    map: &mut Map,
    more: Map,
    names: &mut BTreeMap<Box<str>, Span>,
    findings: &mut Vec<Finding>,
) {
    for mut entry in more.entries {
        if JOINED.contains(&(section, &*entry.key.value)) && joined(map, &mut entry) {
            continue;
        }
        if let Some(first) = names.get(&entry.key.value) {
            let message = format!("`{section}` holds `{}` in two files", entry.key.value);
            findings.push(
                Finding::error(fault::DUPLICATE_NAME, entry.key.span, message)
                    .here("again here")
                    .label(*first, "first here; this one is read")
                    .help("rename one, or merge the two"),
            );
            continue;
        }
        names.insert(entry.key.value.clone(), entry.key.span);
        map.entries.push(entry);
    }
}

/// Adds a list to the one of the same key, if both are lists and there is one.
fn joined(map: &mut Map, more: &mut Entry) -> bool {
    let before = map
        .entries
        .iter_mut()
        .find(|entry| entry.key.value == more.key.value);
    match (
        before.map(|entry| &mut entry.value.value),
        &mut more.value.value,
    ) {
        (Some(Value::List(before)), Value::List(more)) => {
            before.append(more);
            true
        }
        _ => false,
    }
}
