//! Older versions in git: a repository of its own for each test.

use std::fs;
use std::path::Path;
use std::process::Command as Plain;

use assert_cmd::Command;
use serde_json::Value;

use super::{HEAD, events, msarch, shop, write};

fn git(folder: &Path, arguments: &[&str]) {
    let ended = Plain::new("git")
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.org",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        ended.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&ended.stderr)
    );
}

/// A repository whose branch `main` holds some files.
fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet", "--initial-branch=main"]);
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    git(folder.path(), &["add", "."]);
    git(
        folder.path(),
        &["commit", "--quiet", "--allow-empty", "--message=first"],
    );
    folder
}

#[test]
fn findings_against_a_commit_stand_in_the_file_of_now() {
    let folder = repository(&[("architecture.yaml", &shop("integer"))]);
    let at = folder.path();
    let clean = msarch(at, &["validate", "--against", "git:main"]);
    assert_eq!(
        (clean.code, clean.out.as_str()),
        (0, "no findings in 1 file\n"),
        "{}",
        clean.err
    );
    write(at, "architecture.yaml", &shop("string"));
    assert_eq!(msarch(at, &["validate"]).code, 0);
    let found = msarch(
        at,
        &["validate", "--against", "git:main", "--format", "json"],
    );
    let json: Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!(found.code, 1);
    assert_eq!(json["findings"].as_array().unwrap().len(), 1);
    assert_eq!(json["findings"][0]["rule"], "breaking-schema-change");
    assert_eq!(
        json["findings"][0]["primary"]["location"]["file"],
        "architecture.yaml"
    );
    assert_eq!(json["findings"][0]["primary"]["location"]["line"], 8);
    let file = msarch(at, &["validate", "--against", "architecture.yaml"]);
    assert_eq!(file.code, 0);
    git(at, &["commit", "--quiet", "--all", "--message=second"]);
    assert_eq!(msarch(at, &["validate", "--against", "git:HEAD"]).code, 0);
    assert_eq!(msarch(at, &["validate", "--against", "git:HEAD~1"]).code, 1);
    assert_eq!(msarch(at, &["diff", "git:HEAD~1"]).code, 1);
    assert_eq!(msarch(at, &["diff", "git:HEAD~1", "git:HEAD"]).code, 1);
    assert_eq!(msarch(at, &["diff", "git:HEAD", "."]).code, 0);
}

#[test]
fn each_of_several_architectures_is_held_against_its_own_past() {
    let folder = repository(&[("a.yaml", &shop("integer")), ("b.yaml", &shop("string"))]);
    let at = folder.path();
    for file in ["a.yaml", "b.yaml"] {
        write(at, file, &shop("boolean"));
    }
    let found = msarch(
        at,
        &["validate", "a.yaml", "b.yaml", "--against", "git:main"],
    );
    assert_eq!(found.code, 1);
    for told in ["was integer, is now boolean", "was string, is now boolean"] {
        assert_eq!(found.out.matches(told).count(), 1, "{}", found.out);
    }
    for version in ["a.yaml", "git:main:a.yaml"] {
        let refused = msarch(at, &["validate", "a.yaml", "b.yaml", "--against", version]);
        assert_eq!((refused.code, refused.out.as_str()), (2, ""));
        assert!(
            refused.err.contains("is the past of one architecture"),
            "{}",
            refused.err
        );
    }
}

#[test]
fn standard_input_has_the_past_of_the_file_that_it_stands_for() {
    let folder = repository(&[("architecture.yaml", &shop("integer"))]);
    let named = [
        "validate",
        "-",
        "--stdin-filename",
        "architecture.yaml",
        "--against",
        "git:main",
    ];
    for (total, code) in [("string", 1), ("integer", 0)] {
        let told = Command::cargo_bin("msarch")
            .unwrap()
            .args(named)
            .current_dir(folder.path())
            .write_stdin(shop(total))
            .output()
            .unwrap();
        assert_eq!(told.status.code(), Some(code), "{told:?}");
    }
}

#[test]
fn included_files_are_read_as_they_stood_too() {
    let main = format!("{HEAD}include: [parts/*.yaml]\n");
    let folder = repository(&[
        ("system/architecture.yaml", &main),
        ("system/parts/events.yaml", &events("integer")),
        ("elsewhere/events.yaml", &events("boolean")),
    ]);
    let at = folder.path();
    write(at, "system/parts/events.yaml", &events("string"));
    let found = msarch(at, &["validate", "system", "--against", "git:main"]);
    assert_eq!(found.code, 1);
    assert!(
        found.out.contains("was integer, is now string"),
        "{}",
        found.out
    );
    assert!(
        found.out.contains("system/parts/events.yaml:3"),
        "{}",
        found.out
    );
    // From within a folder, and by the whole path.
    let within = msarch(&at.join("system"), &["validate", "--against", "git:main"]);
    assert!(
        within.code == 1 && within.out.contains("was integer"),
        "{}",
        within.err
    );
    let whole = at.join("system/architecture.yaml");
    let whole = msarch(
        at,
        &["validate", whole.to_str().unwrap(), "--against", "git:main"],
    );
    assert!(
        whole.code == 1 && whole.out.contains("was integer"),
        "{}",
        whole.err
    );
    let named = msarch(at, &["diff", "git:main:system", "system"]);
    assert!(
        named.code == 1 && named.out.contains("was integer"),
        "{}",
        named.err
    );
    // A file that is gone today was there then.
    fs::remove_dir_all(at.join("system")).unwrap();
    let gone = msarch(
        at,
        &[
            "diff",
            "git:main:system/architecture.yaml",
            "git:main:system/architecture.yaml",
        ],
    );
    assert_eq!(
        (gone.code, gone.out.as_str()),
        (
            0,
            "shop: no change since git:main:system/architecture.yaml\n"
        ),
        "{}",
        gone.err
    );
}

#[test]
fn a_file_that_was_not_there_makes_everything_new() {
    let folder = repository(&[("README", "nothing yet")]);
    let at = folder.path();
    write(at, "architecture.yaml", &shop("integer"));
    let found = msarch(at, &["validate", "--against", "git:main"]);
    assert_eq!(
        (found.code, found.out.as_str()),
        (0, "no findings in 1 file\n")
    );
    assert_eq!(
        found.err,
        "note: architecture.yaml was not there in git:main; everything is new\n"
    );
    let told = msarch(at, &["diff", "git:main"]);
    assert_eq!(told.code, 0);
    assert!(
        told.out.contains("  + order-service is new\n"),
        "{}",
        told.out
    );
    assert!(
        told.out.contains("1. stock-service\n  2. order-service\n"),
        "{}",
        told.out
    );
}

#[test]
fn a_file_of_a_commit_that_is_named_has_to_be_there() {
    let folder = repository(&[("architecture.yaml", &shop("integer"))]);
    let at = folder.path();
    write(at, "new/architecture.yaml", &shop("integer"));
    for (arguments, file) in [
        (["validate", "--against", "git:main:typo.yaml"], "typo.yaml"),
        (["diff", "git:main:typo.yaml", "."], "typo.yaml"),
        (["diff", "git:main:new", "new"], "new/architecture.yaml"),
    ] {
        let ran = msarch(at, &arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        let wanted = format!("{file} was not there in git:main:");
        assert!(ran.err.contains(&wanted), "{}", ran.err);
    }
    let new = msarch(at, &["validate", "new", "--against", "git:main"]);
    assert_eq!(new.code, 0);
    assert_eq!(
        new.err,
        "note: new/architecture.yaml was not there in git:main; everything is new\n"
    );
}

#[test]
fn what_git_cannot_give_is_said_plainly() {
    let folder = repository(&[("architecture.yaml", &shop("integer"))]);
    let at = folder.path();
    let ask = |version: &str| {
        let ran = msarch(at, &["validate", "--against", version]);
        assert!(
            ran.code == 2 && ran.out.is_empty(),
            "{version}: {}{}",
            ran.out,
            ran.err
        );
        ran.err
    };
    assert!(ask("git:no-such-branch").contains("no commit is called `no-such-branch`"));
    assert!(ask("git:").contains("write git:REF"));
    assert!(ask("git::architecture.yaml").contains("write git:REF"));
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "architecture.yaml", &shop("integer"));
    let ran = msarch(outside.path(), &["diff", "git:main"]);
    assert!(
        ran.code == 2 && ran.err.contains("in no work tree of git"),
        "{}",
        ran.err
    );
    let none = Command::cargo_bin("msarch")
        .unwrap()
        .args(["diff", "git:main"])
        .current_dir(at)
        .env("PATH", outside.path())
        .output()
        .unwrap();
    let err = String::from_utf8(none.stderr).unwrap();
    assert!(
        none.status.code() == Some(2) && err.contains("git cannot be run"),
        "{err}"
    );
    let stdin = msarch(at, &["validate", "-", "--against", "git:main"]);
    assert!(stdin.code == 2, "{}", stdin.out);
}

#[test]
fn a_reference_is_never_an_option_of_git() {
    let folder = repository(&[("architecture.yaml", &shop("integer"))]);
    let at = folder.path();
    for hostile in [
        "git:--output=stolen",
        "git:--help",
        "git:-h",
        "git:--git-dir=/",
        "git:--exec-path=.",
        "git:main;touch stolen",
        "git:$(touch stolen)",
        "git:main --output=stolen",
    ] {
        let ran = msarch(at, &["diff", hostile]);
        assert!(
            ran.code == 2 && ran.out.is_empty(),
            "{hostile}: {}{}",
            ran.out,
            ran.err
        );
        assert!(
            ran.err.contains("no commit is called"),
            "{hostile}: {}",
            ran.err
        );
        assert!(!at.join("stolen").exists(), "{hostile}");
    }
    // Nor is a path of the commit, or the name of a file.
    let ran = msarch(at, &["diff", "git:main:--output=stolen"]);
    assert!(ran.code == 2 && !at.join("stolen").exists(), "{}", ran.err);
    assert!(ran.err.contains("was not there"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn links_are_followed_within_the_commit_and_not_out_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    git(at, &["init", "--quiet", "--initial-branch=main"]);
    write(at, "v1/shop.yaml", &shop("integer"));
    std::os::unix::fs::symlink("v1/shop.yaml", at.join("architecture.yaml")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", at.join("outside.yaml")).unwrap();
    git(at, &["add", "."]);
    git(at, &["commit", "--quiet", "--message=first"]);
    write(at, "v1/shop.yaml", &shop("string"));
    let found = msarch(at, &["diff", "git:main"]);
    assert!(
        found.code == 1 && found.out.contains("was integer"),
        "{}{}",
        found.out,
        found.err
    );
    let out = msarch(at, &["diff", "git:main:outside.yaml", "architecture.yaml"]);
    assert!(
        out.code == 2 && out.err.contains("was not there"),
        "{}",
        out.err
    );
}

#[test]
fn several_older_versions_are_looked_at_where_the_mode_asks_for_it() {
    let text = |version: &str, note: &str| {
        shop(&format!("integer{note}")).replace(
            "  OrderPlaced:\n",
            &format!(
                "  OrderPlaced:\n    compatibility: full_transitive\n    version: {version}\n"
            ),
        )
    };
    let folder = repository(&[("architecture.yaml", &text("v1", ", note: string?"))]);
    let at = folder.path();
    git(at, &["tag", "one"]);
    write(at, "architecture.yaml", &text("v1.1", ""));
    git(at, &["commit", "--quiet", "--all", "--message=second"]);
    write(at, "architecture.yaml", &text("v1.2", ", note: date?"));
    assert_eq!(msarch(at, &["validate", "--against", "git:main"]).code, 0);
    let both = msarch(
        at,
        &["validate", "--against", "git:one", "--against", "git:main"],
    );
    assert!(
        both.code == 1 && both.out.contains("since git:one"),
        "{}",
        both.out
    );
}
