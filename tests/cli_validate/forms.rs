//! Our own forms, held to their schemas.

use jsonschema::Validator;
use serde_json::Value;

use super::{WARNS, WRONG, folder, msarch, out};

/// Our schemas and the forms that they describe.
fn schema(name: &str) -> Validator {
    let text =
        std::fs::read_to_string(format!("{}/schemas/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    assert!(jsonschema::meta::is_valid(&schema), "{name}");
    jsonschema::validator_for(&schema).unwrap()
}

fn holds(schema: &Validator, json: &Value) {
    let faults: Vec<String> = schema
        .iter_errors(json)
        .map(|fault| format!("{} {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}\n{json:#}");
}

/// A report with findings of every severity, with and without help, further places and suggestions.
fn report(format: &str) -> String {
    let slip = WRONG.replace(
        "name: shop",
        "name: shop\nrules: {sync-cycel: warn}\nexternals: {bank: {url: http://10.0.0.1}}",
    );
    let both = folder(&[("a.yaml", &slip), ("b.yaml", WARNS)]);
    out(&msarch(
        both.path(),
        &["a.yaml", "b.yaml", "--format", format],
    ))
}

#[test]
fn the_json_report_is_what_its_schema_says_and_nothing_else() {
    let schema = schema("report.schema.json");
    let json: Value = serde_json::from_str(&report("json")).unwrap();
    holds(&schema, &json);
    let findings = json["findings"].as_array().unwrap();
    assert!(findings.iter().any(|one| one["suggestion"].is_object()));
    assert!(
        findings
            .iter()
            .any(|one| one["related"].as_array().is_some_and(|all| !all.is_empty()))
    );
    for (path, wrong) in [
        ("/version", Value::from(2)),
        ("/findings/0/severity", Value::from("bad")),
    ] {
        let mut other = json.clone();
        *other.pointer_mut(path).unwrap() = wrong;
        assert!(!schema.is_valid(&other), "{path}");
    }
    let mut more = json.clone();
    more["findings"][0]["odd"] = Value::from(1);
    assert!(!schema.is_valid(&more));
}

#[test]
fn a_clean_report_is_what_its_schema_says() {
    let shop = folder(&[("architecture.yaml", super::CLEAN)]);
    let text = out(&msarch(shop.path(), &["--format", "json"]));
    holds(
        &schema("report.schema.json"),
        &serde_json::from_str(&text).unwrap(),
    );
}

#[test]
fn a_baseline_is_what_its_schema_says() {
    let shop = folder(&[("architecture.yaml", WRONG)]);
    msarch(shop.path(), &["--write-baseline", "baseline.json"]).code(0);
    let text = std::fs::read_to_string(shop.path().join("baseline.json")).unwrap();
    holds(
        &schema("baseline.schema.json"),
        &serde_json::from_str(&text).unwrap(),
    );
}
