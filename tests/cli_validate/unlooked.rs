//! Of a rule that did not look nothing is known, and nothing is said of its exceptions.

use std::fs;

use super::{err, folder, found, msarch, out};

fn file(schema: &str, rules: &str) -> String {
    format!(
        "msarch: 1
name: shop
services:
  a: {{data_ownership: [orders]}}
  b: {{data_ownership: [parts]}}
events:
  # msarch: allow(breaking-schema-change, schema-changed-without-version) agreed with all
  Made:
    # msarch: allow(breaking-schema-change, schema-changed-without-version) agreed with all
    schema: {schema}
    producers: a
    consumers: b
{rules}"
    )
}

const SETTINGS: &str = "rules:
  breaking-schema-change: {allow: [Made], reason: agreed}
  overrides: [{services: [a], levels: {schema-changed-without-version: off}}]
";

#[test]
fn an_exception_of_a_rule_that_needs_an_older_version_is_needed_until_there_is_one() {
    let shop = folder(&[("architecture.yaml", &file("{id: uuid}", SETTINGS))]);
    let json = ["--only", "settings", "--format", "json"];
    assert_eq!(found(&msarch(shop.path(), &json).code(0)), []);
    let mended = msarch(shop.path(), &["--fix"]);
    assert!(
        err(&mended).starts_with("fixed 0 findings"),
        "{}",
        err(&mended)
    );
    let text = fs::read_to_string(shop.path().join("architecture.yaml")).unwrap();
    assert_eq!(text, file("{id: uuid}", SETTINGS));
    // Held against what it was, nothing needs them.
    fs::copy(
        shop.path().join("architecture.yaml"),
        shop.path().join("older.yaml"),
    )
    .unwrap();
    let against = [&json[..], &["--against", "older.yaml"]].concat();
    assert!(found(&msarch(shop.path(), &against)).len() >= 4);
}

#[test]
fn an_exception_of_a_rule_that_is_off_is_not_told() {
    let rules = "rules: {nano-service: off}\n";
    let text = format!(
        "msarch: 1\nname: shop\nservices:\n  # msarch: allow(nano-service) for now\n  a: {{data_ownership: [orders]}}\n{rules}"
    );
    let shop = folder(&[("architecture.yaml", &text)]);
    let report = out(&msarch(shop.path(), &["--deny", "warnings"]).code(0));
    assert_eq!(report, "no findings in 1 file\n");
}
