//! The examples and the test architectures against the file format: they are read without a fault, the editor's schema accepts
//! them, and together they use every key that there is.

use std::collections::BTreeSet;

use msarch::syntax::decode::{Cx, Decode, Defs};
use msarch::syntax::document::Document;
use msarch::syntax::finding::Finding;
use msarch::syntax::include::{Disk, Loaded, load};
use msarch::syntax::yaml::Node;
use serde_json::Value as Json;

const ARCHITECTURES: &[&str] = &[
    "examples/ecommerce.yaml",
    "examples/minimal.yaml",
    "tests/architectures/banking.yaml",
    "tests/architectures/hospital.yaml",
    "tests/architectures/ride_hailing.yaml",
];

const SEED: &str = "tests/fixtures/seed/architecture.yaml";

fn loaded(path: &str) -> (Loaded, Node) {
    let mut loaded = load(&Disk, path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let root = loaded
        .root
        .take()
        .unwrap_or_else(|| panic!("{path}: no document"));
    (loaded, root)
}

fn faults(path: &str) -> Vec<String> {
    let (loaded, root) = loaded(path);
    let mut cx = Cx::new(root.head(), loaded.incomplete);
    let document = Document::decode(root, &mut cx);
    assert!(document.is_some(), "{path} is no architecture");
    let say = |finding: &Finding| {
        let position = loaded.sources.position(finding.span());
        format!("{path} {position:?} {}: {}", finding.rule, finding.message)
    };
    loaded
        .findings
        .iter()
        .chain(&cx.findings)
        .map(say)
        .collect()
}

fn schema() -> Json {
    let mut defs = Defs::default();
    let root = Document::schema(&mut defs);
    defs.into_document(
        "https://example.invalid/architecture.json",
        "Architecture",
        &root,
    )
}

/// Walks a document along its schema and notes each key met, as `Record.key`.
fn walk(schema: &Json, at: &Json, value: &Json, used: &mut BTreeSet<String>) {
    if let Some(reference) = at.get("$ref").and_then(Json::as_str) {
        let name = reference.trim_start_matches("#/$defs/");
        let def = &schema["$defs"][name];
        if let (Some(properties), Some(entries)) =
            (def["properties"].as_object(), value.as_object())
        {
            for (key, entry) in entries {
                if let Some(property) = properties.get(key) {
                    used.insert(format!("{name}.{key}"));
                    walk(schema, property, entry, used);
                }
            }
        } else {
            walk(schema, def, value, used);
        }
    }
    let alternatives = at.get("anyOf").and_then(Json::as_array);
    for alternative in alternatives.into_iter().flatten() {
        walk(schema, alternative, value, used);
        // A named list says what its items are only where it is a map.
        if let (Some(inner), Some(list)) =
            (alternative.get("additionalProperties"), value.as_array())
        {
            for item in list {
                walk(schema, inner, item, used);
            }
        }
    }
    if let (Some(items), Some(list)) = (at.get("items"), value.as_array()) {
        for item in list {
            walk(schema, items, item, used);
        }
    }
    if let (Some(inner), Some(entries)) = (at.get("additionalProperties"), value.as_object()) {
        for entry in entries.values() {
            walk(schema, inner, entry, used);
        }
    }
    if let (Some(properties), Some(entries)) = (
        at.get("properties").and_then(Json::as_object),
        value.as_object(),
    ) {
        for (key, entry) in entries {
            if let Some(property) = properties.get(key) {
                walk(schema, property, entry, used);
            }
        }
    }
}

/// Every key, with the aliases of one key joined: they share a description.
fn keys(schema: &Json) -> Vec<BTreeSet<String>> {
    let mut keys = Vec::new();
    for (name, def) in schema["$defs"].as_object().into_iter().flatten() {
        let mut by_description = std::collections::BTreeMap::<String, BTreeSet<String>>::new();
        for (key, property) in def["properties"].as_object().into_iter().flatten() {
            let description = property["description"].as_str().unwrap_or_default();
            by_description
                .entry(description.to_owned())
                .or_default()
                .insert(format!("{name}.{key}"));
        }
        keys.extend(by_description.into_values());
    }
    keys
}

#[test]
fn every_example_is_read_without_a_fault() {
    let found: Vec<String> = ARCHITECTURES.iter().flat_map(|path| faults(path)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_samples_as_given_are_read_but_for_what_the_format_has_no_place_for() {
    let found = faults(SEED);
    assert_eq!(found.len(), 1, "{}", found.join("\n"));
    assert!(found[0].contains("`jaeger` is not allowed"), "{}", found[0]);
}

#[test]
fn the_editors_schema_accepts_every_example() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    for path in ARCHITECTURES {
        let (_, root) = loaded(path);
        let errors: Vec<String> = validator
            .iter_errors(&root.to_json())
            .map(|error| format!("{} against {}", error.instance_path(), error.schema_path()))
            .collect();
        assert!(errors.is_empty(), "{path}\n{}", errors.join("\n"));
    }
}

#[test]
fn the_examples_use_every_key_of_the_format() {
    let schema = schema();
    let mut used = BTreeSet::new();
    for path in ARCHITECTURES.iter().chain([&SEED]) {
        let (_, root) = loaded(path);
        walk(&schema, &schema, &root.to_json(), &mut used);
    }
    // The reader takes `include` out of the tree.
    used.insert("Document.include".to_owned());
    let unused: Vec<_> = keys(&schema)
        .into_iter()
        .filter(|names| names.is_disjoint(&used))
        .collect();
    assert!(unused.is_empty(), "{unused:#?}");
}
