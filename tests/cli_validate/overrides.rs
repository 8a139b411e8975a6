//! Levels for some services and files.

use super::{folder, found, msarch, out};

const MAIN: &str = "msarch: 1\nname: shop\ninclude: [legacy/*.yaml]\nservices:\n  new-service: {data_ownership: [orders], loc: 61000}\n";
const LEGACY: &str = "services:\n  old-service: {data_ownership: [carts], loc: 62000}\n";

/// The rules, their levels and what they are about, with these settings of rules.
fn told(main: &str, rules: &str) -> Vec<String> {
    let shop = folder(&[
        ("architecture.yaml", &format!("{main}rules:\n{rules}")),
        ("legacy/old.yaml", LEGACY),
    ]);
    let told = msarch(shop.path(), &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out(&told)).unwrap();
    let findings = json["findings"].as_array().unwrap().iter();
    let mut told: Vec<String> = findings
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap().to_owned();
            format!("{} {} {}", text("severity"), text("rule"), one["subjects"])
        })
        .collect();
    told.sort();
    told
}

const NEW: &str = "warn code-size [\"new-service\"]";
const OLD: &str = "warn code-size [\"old-service\"]";

#[test]
fn a_level_holds_for_files_or_services_or_both() {
    let files = "  overrides: [{files: legacy/**, levels: {code-size: info}}]\n";
    assert_eq!(told(MAIN, files), ["info code-size [\"old-service\"]", NEW]);
    let services =
        "  overrides: [{services: old_service, levels: {code-size: off}, reason: being split}]\n";
    assert_eq!(told(MAIN, services), [NEW]);
    let both = "  overrides:\n    - {services: new-service, files: [./legacy/*.yaml], levels: {code-size: info}}\n";
    let stands = told(MAIN, both);
    assert!(
        stands.contains(&OLD.to_owned()) && stands.contains(&NEW.to_owned()),
        "{stands:?}"
    );
    assert!(
        stands.iter().any(|one| one.contains("unused-exception")),
        "{stands:?}"
    );
}

#[test]
fn the_last_override_that_fits_is_heeded_and_comes_before_the_usual_level() {
    let rules = "  code-size: error\n  overrides:\n    - {files: legacy/**, levels: {code-size: info}}\n    - {services: old-service, levels: {code-size: warn}}\n";
    let told = told(MAIN, rules);
    assert!(told.contains(&OLD.to_owned()), "{told:?}");
    assert!(
        told.contains(&"error code-size [\"new-service\"]".to_owned()),
        "{told:?}"
    );
}

#[test]
fn a_rule_that_is_off_is_on_where_an_override_says_so() {
    let rules =
        "  code-size: off\n  overrides: [{services: new-service, levels: {code-size: error}}]\n";
    assert_eq!(told(MAIN, rules), ["error code-size [\"new-service\"]"]);
}

#[test]
fn an_override_that_matches_nothing_is_a_finding() {
    let one = |rules: &str| {
        let told = told(MAIN, rules);
        let other: Vec<String> = told
            .into_iter()
            .filter(|one| one != NEW && one != OLD)
            .collect();
        assert_eq!(other.len(), 1, "{rules}: {other:?}");
        other.concat()
    };
    let unused = "warn unused-exception";
    assert!(
        one("  overrides: [{files: legcy/**, levels: {code-size: info}}]\n").starts_with(unused)
    );
    assert!(
        one("  overrides: [{services: old-servcie, levels: {code-size: info}}]\n")
            .starts_with(unused)
    );
    assert!(
        one("  overrides: [{files: legacy/**, levels: {sync-cycle: info}}]\n").starts_with(unused)
    );
    assert!(one("  overrides: [{files: '[', levels: {code-size: info}}]\n").starts_with(unused));
    assert!(
        one("  overrides: [{files: legacy/**, levels: {code-sise: info}}]\n")
            .starts_with("warn unknown-rule")
    );
    assert!(
        one("  overrides: [{files: legacy/**, levels: {unknown-key: info}}]\n")
            .starts_with("warn required-rule-lowered")
    );
    assert!(one("  overrides: [{levels: {sync-cycle: error}}]\n").starts_with("error missing-key"));
}

#[test]
fn a_promise_to_be_stricter_is_kept_by_silence() {
    let rules = "  overrides: [{services: new-service, levels: {sync-chain-too-long: error}}]\n";
    assert_eq!(told(MAIN, rules), [NEW, OLD]);
}

#[test]
fn every_file_may_have_overrides_of_its_own_relative_to_itself() {
    let shop = folder(&[
        (
            "arch/architecture.yaml",
            &format!(
                "{MAIN}rules:\n  overrides: [{{services: new-service, levels: {{code-size: off}}}}]\n"
            ),
        ),
        (
            "arch/legacy/old.yaml",
            &format!(
                "{LEGACY}rules:\n  overrides: [{{files: '*.yaml', levels: {{code-size: off}}}}]\n"
            ),
        ),
    ]);
    let told = msarch(shop.path(), &["arch", "--format", "json"]).code(0);
    assert_eq!(found(&told), []);
}
