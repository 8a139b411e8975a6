//! Generating into a folder, as people do it: what is refused, and what is said about it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::assert::Assert;

fn generate(folder: &Path, text: &str, more: &[&str]) -> Assert {
    fs::write(folder.join("architecture.yaml"), text).unwrap();
    Command::cargo_bin("msarch")
        .unwrap()
        .current_dir(folder)
        .args(["generate", "--out", "out"])
        .args(more)
        .assert()
}

fn out(assert: &Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stdout).into_owned()
}

fn err(assert: &Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

fn desk(fields: &str) -> String {
    format!(
        "msarch: 1\nname: clinic\nservices:\n  desk-service:\n    data_ownership: {{visits: {{fields: {{{fields}}}}}}}\n    endpoints: [POST /visits]\n"
    )
}

#[test]
fn a_new_unique_field_that_nothing_can_fill_is_refused_before_anything_is_written() {
    let none = [
        "date",
        "ISO8601",
        "decimal",
        "boolean",
        "(a | b)",
        "string, max_length: 10",
        "string, pattern: '^[A-Z]{2}$'",
        "integer, max: 9",
    ];
    let folder = tempfile::tempdir().unwrap();
    generate(folder.path(), &desk("note: string"), &[]).code(0);
    for kind in none {
        let field = |kind: &str| {
            desk(&format!(
                "note: string, code: {{type: {kind}, unique: true}}"
            ))
        };
        let refused = generate(folder.path(), &field(kind), &[]).code(2);
        let said = err(&refused);
        assert!(
            said.contains("`code` of visits is required and unique") && said.contains("with a `?`"),
            "{kind}: {said}"
        );
        generate(folder.path(), &desk("note: string"), &["--check"]).code(0);
        let (ty, limits) = kind.split_once(',').unwrap_or((kind, "optional"));
        let limits = limits.replace("optional", "description: any");
        let optional = field(&format!("'{ty}?', {limits}"));
        generate(folder.path(), &optional, &["--dry-run"]).code(0);
    }
    for (kind, value) in [
        ("integer, min: 500", "(SELECT COALESCE(MAX(\"code\"), 499)"),
        ("uuid", "COALESCE(\"code\", \"id\")"),
        ("string", "COALESCE(\"code\", \"id\")"),
    ] {
        let text = desk(&format!(
            "note: string, code: {{type: {kind}, unique: true}}"
        ));
        let shown = generate(folder.path(), &text, &["--diff"]).code(0);
        assert!(out(&shown).contains(value), "{kind}: {}", out(&shown));
    }
}
