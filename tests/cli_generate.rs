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

#[test]
fn a_folder_in_the_way_of_a_file_is_named_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("out/Cargo.toml")).unwrap();
    for more in [&["--dry-run"][..], &["--force"][..]] {
        let refused = generate(folder.path(), &desk("note: string"), more).code(2);
        let said = err(&refused);
        assert!(said.contains("Cargo.toml` is in its way"), "{said}");
    }
    let there = fs::read_dir(folder.path().join("out")).unwrap();
    assert_eq!(there.count(), 1);
}

#[test]
fn a_service_that_is_not_there_is_answered_with_a_near_one() {
    let folder = tempfile::tempdir().unwrap();
    let only = ["--only", "desk-srvice"];
    let refused = generate(folder.path(), &desk("note: string"), &only).code(2);
    assert!(err(&refused).contains("did you mean desk-service?"));
}

#[test]
fn a_refusal_shows_what_was_edited() {
    let folder = tempfile::tempdir().unwrap();
    generate(folder.path(), &desk("note: string"), &[]).code(0);
    let file = folder
        .path()
        .join("out/services/desk-service/src/config.rs");
    let edited = fs::read_to_string(&file)
        .unwrap()
        .replace("What can be set", "What I set");
    fs::write(&file, edited).unwrap();
    let refused = generate(folder.path(), &desk("note: string, more: string"), &[]).code(2);
    assert!(
        out(&refused).contains("-//! What I set"),
        "{}",
        out(&refused)
    );
}

#[test]
fn a_check_that_fails_shows_a_part_and_counts_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let failed = generate(folder.path(), &desk("note: string"), &["--check"]).code(1);
    let said = out(&failed);
    assert!(said.lines().count() < 250, "{}", said.lines().count());
    assert!(
        said.contains("more lines") && said.contains("files differ"),
        "{said}"
    );
}

#[test]
fn what_becomes_of_the_data_of_a_renamed_service_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    generate(folder.path(), &desk("note: string"), &[]).code(0);
    let renamed = desk("note: string").replace(
        "desk-service:",
        "front-desk:\n    renamed_from: desk-service",
    );
    let told = |assert: &Assert| out(assert).contains("does not move to front-desk");
    assert!(told(&generate(folder.path(), &renamed, &[]).code(0)));
    assert!(!told(&generate(folder.path(), &renamed, &[]).code(0)));
}

#[test]
fn the_workspace_of_another_system_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    generate(folder.path(), &desk("note: string"), &[]).code(0);
    let other = desk("note: string").replace("desk-service", "billing-service");
    let manifest = folder.path().join("out/services/desk-service/Cargo.toml");
    generate(folder.path(), &other, &["--check"]).code(1);
    let refused = generate(folder.path(), &other, &[]).code(2);
    assert!(err(&refused).contains("another system (desk-service)"));
    assert!(manifest.exists());
    generate(folder.path(), &other, &["--force"]).code(0);
    assert!(!manifest.exists());
}

#[test]
fn a_file_outside_of_the_folder_is_not_included() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, "password: hunter2\n").unwrap();
    let inside = folder.path().join("system");
    fs::create_dir_all(inside.join("parts")).unwrap();
    fs::write(inside.join("parts/types.yaml"), "include: [../more.yaml]\n").unwrap();
    fs::write(inside.join("more.yaml"), "types: {Mood: good | bad}\n").unwrap();
    let absolute = secret.display().to_string();
    for path in [absolute.as_str(), "../secret", "../sec*"] {
        let text = format!("include: ['{path}']\n{}", desk("note: string"));
        let refused = generate(&inside, &text, &[]).code(1);
        let said = out(&refused);
        assert!(
            said.contains("leads out of the folder") && !said.contains("hunter2"),
            "{said}"
        );
    }
    let text = format!("include: [parts/types.yaml]\n{}", desk("mood: Mood"));
    generate(&inside, &text, &[]).code(0);
}

#[test]
fn a_command_asks_for_its_own_input_where_no_request_is_declared() {
    let folder = tempfile::tempdir().unwrap();
    let text = "\
msarch: 1
name: clinic
services:
  desk-service:
    data_ownership: {visits: {fields: {amount: decimal?, status: open | closed}}}
    endpoints: [{name: open_visit, method: POST, path: '/visits/{id}/charge', command: charge}]
    aggregates:
      Visit:
        entity: visits
        status: status
        commands: {open: {raises: VisitOpened}, charge: {from: open, input: {amount: decimal}, raises: VisitCharged}}
        events: {VisitOpened: {status: open}, VisitCharged: {schema: {amount: decimal}, set: {amount: $event.amount}}}
";
    generate(folder.path(), text, &[]).code(0);
    let described = folder.path().join("out/services/desk-service/openapi.yaml");
    let described = fs::read_to_string(described).unwrap();
    // The command's amount must be there; that of the record may be missing.
    let request = described.split("    OpenVisitRequest:").nth(1).unwrap();
    assert!(
        request.contains("      required:\n        - amount\n"),
        "{request}"
    );
}

#[test]
fn a_migration_of_ones_own_is_run_among_the_generated_ones() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join("out/services/desk-service").join(path);
    let listed = || {
        let lib = fs::read_to_string(at("src/lib.rs")).unwrap();
        let names = lib.split("../migrations/").skip(1);
        let names = names.map(|rest| rest.split('"').next().unwrap().to_owned());
        names.collect::<Vec<String>>()
    };
    generate(folder.path(), &desk("note: string"), &[]).code(0);
    fs::write(
        at("migrations/0002_mine.sql"),
        "UPDATE visits SET note = 'x';\n",
    )
    .unwrap();
    generate(folder.path(), &desk("note: string"), &["--check"]).code(1);
    generate(folder.path(), &desk("note: string"), &[]).code(0);
    assert_eq!(listed(), ["0001_initial.sql", "0002_mine.sql"]);
    generate(folder.path(), &desk("note: string"), &["--check"]).code(0);

    generate(folder.path(), &desk("note: string, more: string"), &[]).code(0);
    assert_eq!(
        listed(),
        ["0001_initial.sql", "0002_mine.sql", "0003_add_more.sql"]
    );
    assert!(at("migrations/0003_add_more.sql").exists());
    let mine = fs::read_to_string(at("migrations/0002_mine.sql")).unwrap();
    assert_eq!(mine, "UPDATE visits SET note = 'x';\n");
}

#[test]
fn a_migration_whose_number_is_taken_or_missing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let migrations = folder.path().join("out/services/desk-service/migrations");
    generate(folder.path(), &desk("note: string"), &[]).code(0);
    fs::write(migrations.join("0001_mine.sql"), "SELECT 1;\n").unwrap();
    let refused = generate(folder.path(), &desk("note: string"), &[]).code(2);
    let said = err(&refused);
    assert!(
        said.contains("0001_initial.sql and 0001_mine.sql have the same number")
            && said.contains("0002_mine.sql"),
        "{said}"
    );
    fs::rename(
        migrations.join("0001_mine.sql"),
        migrations.join("mine.sql"),
    )
    .unwrap();
    let told = out(&generate(folder.path(), &desk("note: string"), &[]).code(0));
    assert!(
        told.contains("migrations/mine.sql is not run: a migration is called by a number"),
        "{told}"
    );
}
