//! The figures of `msarch metrics`: worked out by hand, held against plain ways to count, and as a user sees them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod by_hand;
mod drawn;
mod shown;
mod unknown;

#[path = "../architecture/mod.rs"]
mod architecture;
#[path = "../support/random.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod random;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use serde_json::Value;

/// What the command says of an architecture on standard input.
fn asked(text: &str, more: &[&str]) -> Assert {
    let mut command = Command::cargo_bin("msarch").unwrap();
    command
        .args(["metrics", "-"])
        .args(more)
        .env_remove("COLUMNS")
        .env_remove("NO_COLOR")
        .write_stdin(text)
        .assert()
}

fn out(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn err(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

/// The figures of an architecture whose head is written for it.
fn figures(text: &str) -> Value {
    let text = format!("msarch: 1\nname: market\n{text}");
    let assert = asked(&text, &["--format", "json"]).code(0);
    serde_json::from_str(&out(&assert)).unwrap()
}

/// The entry of a list that has a name.
fn of<'v>(figures: &'v Value, list: &str, name: &str) -> &'v Value {
    let entries = figures[list].as_array().unwrap();
    let named = |entry: &&Value| entry["name"] == name || entry["path"] == name;
    entries.iter().find(named).unwrap()
}
