//! The dependencies of a generated crate: those that its sources name, and no others.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// Crates that generated code may name, as Rust spells them, with their manifest lines in the workspace.
const KNOWN: &[(&str, &str)] = &[
    ("async_trait", "async-trait"),
    ("axum", "axum"),
    ("chrono", "chrono"),
    ("http", "http"),
    ("http_body_util", "http-body-util"),
    ("msarch_runtime", "msarch-runtime"),
    ("rust_decimal", "rust_decimal"),
    ("serde", "serde"),
    ("serde_json", "serde_json"),
    ("tempfile", "tempfile"),
    ("tokio", "tokio"),
    ("tower", "tower"),
    ("tracing", "tracing"),
    ("uuid", "uuid"),
];

/// The dependencies of one crate.
#[derive(Debug, Serialize)]
pub(super) struct Dependencies {
    /// Of its code.
    normal: Vec<String>,
    /// Of its tests alone.
    dev: Vec<String>,
}

/// The crates of this workspace that others may name, by their names as Rust spells them.
#[derive(Debug)]
pub(super) struct Ours(BTreeMap<String, String>);

impl Ours {
    pub(super) fn new<'k>(crates: impl Iterator<Item = &'k str>) -> Self {
        Self(
            crates
                .map(|krate| (krate.replace('-', "_"), krate.to_owned()))
                .collect(),
        )
    }

    /// Which of them sources name.
    pub(super) fn named_in<'t>(&self, texts: impl Iterator<Item = &'t str>) -> Vec<&str> {
        let found = heads(texts);
        found
            .into_iter()
            .filter_map(|lib| self.0.get(lib).map(String::as_str))
            .collect()
    }
}

/// Finds the crates that sources name.
pub(super) fn dependencies<'t>(
    sources: impl Iterator<Item = &'t str>,
    tests: impl Iterator<Item = &'t str>,
    ours: &Ours,
    own: &str,
) -> Dependencies {
    let find = |heads: BTreeSet<&str>| -> BTreeSet<String> {
        let known = KNOWN.iter().filter(|(lib, _)| heads.contains(lib));
        let ours = heads.iter().filter_map(|lib| ours.0.get(*lib));
        known
            .map(|(_, krate)| (*krate).to_owned())
            .chain(ours.filter(|krate| *krate != own).cloned())
            .collect()
    };
    let normal = find(heads(sources));
    let dev = find(heads(tests)).difference(&normal).cloned().collect();
    Dependencies {
        normal: normal.into_iter().collect(),
        dev,
    }
}

/// The names with which paths in texts begin.
fn heads<'t>(texts: impl Iterator<Item = &'t str>) -> BTreeSet<&'t str> {
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    let mut heads = BTreeSet::new();
    for text in texts {
        for (end, _) in text.match_indices("::") {
            let before = text[..end].trim_end_matches(is_part);
            if !before.ends_with(':') {
                heads.insert(&text[before.len()..end]);
            }
        }
    }
    heads
}
