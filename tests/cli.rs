//! The command line as scripts use it: exit codes, streams, forms.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Read;
use std::process::{Command, Stdio};

use assert_cmd::Command as Assert;
use assert_cmd::cargo::cargo_bin;
use serde_json::Value;

const CLEAN: &str =
    "msarch: 1\nname: shop\nservices:\n  order-service: {data_ownership: [orders]}\n";
const WARNS: &str =
    "msarch: 1\nname: shop\nservices:\n  order-service: {data_ownership: [orders], loc: 61000}\n";
const WRONG: &str = "msarch: 1\nname: shop\nservices:\n  a: {data_ownership: [orders]}\n  b: {data_ownership: [orders]}\n";

fn msarch() -> Assert {
    let mut command = Assert::cargo_bin("msarch").unwrap();
    command.env_remove("COLUMNS").env_remove("NO_COLOR");
    command
}

fn validate(text: &str, more: &[&str]) -> assert_cmd::assert::Assert {
    msarch()
        .args(["validate", "-"])
        .args(more)
        .write_stdin(text)
        .assert()
}

fn out(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn err(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

#[test]
fn the_exit_code_is_the_verdict() {
    validate(CLEAN, &[]).code(0);
    validate(WARNS, &[]).code(0);
    validate(WRONG, &[]).code(1);
    msarch()
        .args(["validate", "no-such-file.yaml"])
        .assert()
        .code(2);
    msarch()
        .args(["validate", "--format", "xml"])
        .assert()
        .code(2);
}

#[test]
fn denied_findings_fail() {
    validate(WARNS, &["--deny", "warnings"]).code(1);
    validate(WARNS, &["--deny", "code-size"]).code(1);
    validate(WARNS, &["--deny", "sync-cycle"]).code(0);
    let unknown = validate(WARNS, &["--deny", "sync-cycel"]).code(2);
    assert!(err(&unknown).contains("did you mean sync-cycle?"));
}

#[test]
fn findings_go_to_standard_output_and_failures_to_standard_error() {
    let wrong = validate(WRONG, &[]);
    assert!(out(&wrong).contains("entity-with-several-owners") && err(&wrong).is_empty());
    let missing = msarch().args(["validate", "no-such-file.yaml"]).assert();
    assert!(out(&missing).is_empty() && err(&missing).contains("no-such-file.yaml"));
}

#[test]
fn every_form_of_report_is_written() {
    let json: Value = serde_json::from_str(&out(&validate(WRONG, &["--format", "json"]))).unwrap();
    assert_eq!(json["findings"][0]["rule"], "entity-with-several-owners");
    let sarif: Value =
        serde_json::from_str(&out(&validate(WRONG, &["--format", "sarif"]))).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let gitlab: Value =
        serde_json::from_str(&out(&validate(WRONG, &["--format", "gitlab"]))).unwrap();
    assert!(gitlab.as_array().is_some_and(|issues| issues.len() == 1));
    assert!(out(&validate(WRONG, &["--format", "github"])).starts_with("::error "));
    assert!(out(&validate(WRONG, &["--format", "junit"])).starts_with("<?xml"));
}

#[test]
fn colours_are_written_only_when_asked_for() {
    assert!(!out(&validate(WRONG, &[])).contains('\u{1b}'));
    assert!(out(&validate(WRONG, &["--color", "always"])).contains('\u{1b}'));
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let many: String = (0..2_000)
        .map(|index| format!("  s{index}: {{data_ownership: [orders], loc: 61000}}\n"))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("architecture.yaml");
    std::fs::write(&file, format!("msarch: 1\nname: shop\nservices:\n{many}")).unwrap();
    let mut child = Command::new(cargo_bin("msarch"));
    let mut child = child
        .args(["validate"])
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 64];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(String::from_utf8(ended.stderr).unwrap(), "");
}

#[test]
fn a_folder_stands_for_its_architecture() {
    let folder = tempfile::tempdir().unwrap();
    msarch().arg("validate").arg(folder.path()).assert().code(2);
    std::fs::write(folder.path().join("architecture.yaml"), CLEAN).unwrap();
    msarch().arg("validate").arg(folder.path()).assert().code(0);
    msarch()
        .arg("validate")
        .current_dir(folder.path())
        .assert()
        .code(0);
}

#[test]
fn levels_limits_and_exceptions_of_the_file_are_heeded() {
    let with = |rules: &str| format!("{WARNS}rules:\n  code-size: {rules}\n");
    validate(&with("error"), &[]).code(1);
    assert!(out(&validate(&with("off"), &[])).contains("no findings"));
    assert!(out(&validate(&with("{limit: 70000}"), &[])).contains("no findings"));
    assert!(
        out(&validate(
            &with("{allow: [order_service], reason: being split}"),
            &[]
        ))
        .contains("no findings")
    );
    assert!(out(&validate(&with("{allow: [other-service]}"), &[])).contains("unused-exception"));
}

#[test]
fn what_cannot_be_generated_cannot_be_allowed() {
    let file = "msarch: 1\nname: shop\nrules: {unknown-reference: off}\nservices:\n  a:\n    calls: [{to: b, timeout: 1s}] # msarch: allow(unknown-reference) later\n";
    let assert = validate(file, &["--format", "json"]).code(1);
    let json: Value = serde_json::from_str(&out(&assert)).unwrap();
    let rules: Vec<&str> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["rule"].as_str())
        .collect();
    assert_eq!(
        rules,
        [
            "required-rule-lowered",
            "unknown-reference",
            "required-rule-lowered"
        ]
    );
}

#[test]
fn rules_are_listed_and_explained() {
    let list = out(&msarch().arg("explain").assert().code(0));
    assert!(list.contains("sync-cycle") && list.contains("\ncalls\n"));
    let page = out(&msarch().args(["explain", "sync-cycle"]).assert().code(0));
    for heading in ["What", "Why", "Bad", "Report", "Good"] {
        assert!(page.contains(&format!("\n{heading}\n")), "{heading}");
    }
    assert!(
        err(&msarch().args(["explain", "sync-cycel"]).assert().code(2))
            .contains("did you mean sync-cycle?")
    );
}

#[test]
fn the_schema_for_editors_is_printed() {
    let printed: Value =
        serde_json::from_str(&out(&msarch().arg("schema").assert().code(0))).unwrap();
    assert!(printed["$defs"]["Service"].is_object());
}

#[test]
fn completions_are_printed_for_shells() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(
            out(&msarch().args(["completions", shell]).assert().code(0)).contains("validate"),
            "{shell}"
        );
    }
}
