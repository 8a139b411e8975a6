//! The dependencies of a generated crate: those that its sources name, and no others.

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

/// Finds the crates that sources name; `ours` are the crates of this workspace.
pub(super) fn dependencies<'t>(
    sources: impl Iterator<Item = &'t str>,
    tests: impl Iterator<Item = &'t str>,
    ours: &[String],
    own: &str,
) -> Dependencies {
    let find = |texts: Vec<&str>| -> Vec<String> {
        let known = KNOWN
            .iter()
            .map(|(lib, krate)| ((*lib).to_owned(), (*krate).to_owned()));
        let ours = ours
            .iter()
            .filter(|krate| *krate != own)
            .map(|krate| (krate.replace('-', "_"), krate.clone()));
        let mut found: Vec<String> = known
            .chain(ours)
            .filter(|(lib, _)| texts.iter().any(|text| names(text, lib)))
            .map(|(_, krate)| krate)
            .collect();
        found.sort();
        found
    };
    let normal = find(sources.collect());
    let dev = find(tests.collect())
        .into_iter()
        .filter(|krate| !normal.contains(krate))
        .collect();
    Dependencies { normal, dev }
}

/// Whether a text has a path that begins with a crate's name.
fn names(text: &str, lib: &str) -> bool {
    let path = format!("{lib}::");
    text.match_indices(&path).any(|(at, _)| {
        !text[..at]
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    })
}

/// Which of some crates sources name.
pub(super) fn ours_in<'t>(texts: impl Iterator<Item = &'t str>, ours: &[String]) -> Vec<String> {
    let texts: Vec<&str> = texts.collect();
    ours.iter()
        .filter(|krate| {
            let lib = krate.replace('-', "_");
            texts.iter().any(|text| names(text, &lib))
        })
        .cloned()
        .collect()
}
