//! `msarch diff` and `msarch validate --against` as a user meets them: with files, and with git.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod git;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const HEAD: &str = "\
msarch: 1
name: shop
services:
  order-service: {data_ownership: [orders]}
  stock-service: {data_ownership: [stock]}
";

fn events(total: &str) -> String {
    format!(
        "\
events:
  OrderPlaced:
    schema: {{orderId: uuid, total: {total}}}
    producers: order-service
    consumers: [{{service: stock-service, idempotency_key: orderId, dead_letter: stock.dlq}}]
"
    )
}

fn shop(total: &str) -> String {
    format!("{HEAD}{}", events(total))
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn msarch(folder: &Path, arguments: &[&str]) -> Ran {
    let output = Command::cargo_bin("msarch")
        .unwrap()
        .args(arguments)
        .current_dir(folder)
        .env_remove("COLUMNS")
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn two_files_are_compared_and_the_exit_code_says_whether_something_breaks() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "old.yaml", &shop("integer"));
    write(at, "new.yaml", &shop("string"));
    write(at, "more.yaml", &shop("integer, note: string?"));
    let same = msarch(at, &["diff", "old.yaml", "old.yaml"]);
    assert_eq!(
        (same.code, same.out.as_str()),
        (0, "shop: no change since old.yaml\n")
    );
    let breaks = msarch(at, &["diff", "old.yaml", "new.yaml"]);
    assert_eq!(breaks.code, 1);
    assert_eq!(
        breaks.out,
        "\
events
  ! OrderPlaced v1: `total` was integer, is now string
      breaks stock-service
      leave v1 as it was and publish v2 beside it under `versions:`; move the consumers, then remove
        v1

shop: 1 change since old.yaml, 1 of them breaking
"
    );
    let added = msarch(at, &["diff", "old.yaml", "more.yaml"]);
    assert_eq!(added.code, 0);
    assert!(
        added.out.contains("  ~ OrderPlaced v1: `note` is new\n"),
        "{}",
        added.out
    );
    assert!(
        added
            .out
            .ends_with("shop: 1 change since old.yaml, nothing breaks\n"),
        "{}",
        added.out
    );
    let missing = msarch(at, &["diff", "none.yaml", "new.yaml"]);
    assert!(
        missing.code == 2 && missing.out.is_empty(),
        "{}",
        missing.err
    );
    assert_eq!(missing.err, "error: none.yaml: no such file\n");
    write(at, "broken.yaml", "msarch: 1\nservices: {a: [\n");
    let broken = msarch(at, &["diff", "broken.yaml", "new.yaml"]);
    assert!(
        broken.code == 2
            && broken
                .err
                .contains("broken.yaml: cannot be read to its end"),
        "{}",
        broken.err
    );
}

#[test]
fn the_report_for_programs_names_whom_a_change_breaks() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "old.yaml", &shop("integer"));
    write(folder.path(), "new.yaml", &shop("string"));
    let ran = msarch(
        folder.path(),
        &["diff", "old.yaml", "new.yaml", "--format", "json"],
    );
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(ran.code, 1);
    assert_eq!(json["version"], 1);
    assert_eq!(json["summary"]["breaking"], 1);
    assert_eq!(json["changes"][0]["hurts"][0]["who"], "stock-service");
    assert_eq!(json["changes"][0]["breaking"], true);
    let again = msarch(
        folder.path(),
        &["diff", "old.yaml", "new.yaml", "--format", "json"],
    );
    assert_eq!(again.out, ran.out);
}
