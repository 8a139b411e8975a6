//! What a user sees.

use std::fmt::Write as _;

use serde_json::Value;

use super::architecture::{ALL, HOSTILE};
use super::{asked, err, out};

/// Compares with a kept text, or rewrites it with `UPDATE=1`.
fn kept(name: &str, text: &str) {
    let path = format!("tests/fixtures/metrics/{name}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "{path} differs; run the tests with UPDATE=1 and look at it:\n{text}"
    );
}

fn shop() -> String {
    std::fs::read_to_string("examples/ecommerce.yaml").unwrap()
}

/// So many services that call the next.
fn chain(services: usize) -> String {
    let mut text = String::from("msarch: 1\nname: chain\nservices:\n");
    for at in 1..=services {
        let calls = if at < services {
            format!(", calls: [{{to: s{}, timeout: 1s}}]", at + 1)
        } else {
            String::new()
        };
        writeln!(text, "  s{at}: {{data_ownership: [d{at}]{calls}}}").unwrap();
    }
    text
}

#[test]
fn the_tables_of_the_example_are_those_that_were_looked_at() {
    kept("ecommerce.txt", &out(&asked(&shop(), &[]).code(0)));
}

#[test]
fn calls_that_go_round_in_a_circle_are_calls_and_no_chain() {
    let circle = chain(3).replace("[d3]", "[d3], calls: [{to: s1, timeout: 1s}]");
    let told = out(&asked(&circle, &[]).code(0));
    let line = told.lines().find(|line| line.contains("longest chain"));
    let line = line.unwrap_or_default();
    assert!(!told.contains("nobody calls anybody"), "{told}");
    assert!(line.contains('0'), "{line}");
}

#[test]
fn the_card_of_a_service_is_that_which_was_looked_at() {
    kept(
        "order-service.txt",
        &out(&asked(&shop(), &["--service", "order_service"]).code(0)),
    );
}

#[test]
fn what_is_written_as_json_fits_its_schema() {
    let schema = std::fs::read_to_string("schemas/metrics.schema.json").unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for path in ALL {
        for more in [&[][..], &["--service"]] {
            let mut command = assert_cmd::Command::cargo_bin("msarch").unwrap();
            command.args(["metrics", path, "--format", "json"]);
            let json = command.output().unwrap().stdout;
            let mut json: Value = serde_json::from_slice(&json).unwrap();
            if !more.is_empty() {
                let name = json["services"][0]["name"].as_str().unwrap();
                let mut command = assert_cmd::Command::cargo_bin("msarch").unwrap();
                let output = command
                    .args(["metrics", path, "--format", "json", "--service", name])
                    .output()
                    .unwrap();
                json = serde_json::from_slice(&output.stdout).unwrap();
                assert_eq!(json["services"].as_array().unwrap().len(), 1);
                assert!(json["services"][0]["by_name"]["callers"].is_array());
            }
            let faults: Vec<String> = validator
                .iter_errors(&json)
                .map(|it| format!("{} {it}", it.instance_path()))
                .collect();
            assert!(faults.is_empty(), "{path}: {faults:#?}");
        }
    }
    let asked = assert_cmd::Command::cargo_bin("msarch")
        .unwrap()
        .args(["schema", "metrics"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(asked.stdout).unwrap(), schema);
}

#[test]
fn the_first_twenty_are_shown_and_all_when_asked_for() {
    let first = out(&asked(&chain(40), &[]).code(0));
    assert!(
        first.contains("(20 of 40; --all shows the others)"),
        "{first}"
    );
    // Whoever comes last takes all before it along.
    assert!(
        first.contains("\n  s40 ") && !first.contains("\n  s20 "),
        "{first}"
    );
    let all = out(&asked(&chain(40), &["--all"]).code(0));
    assert!(
        all.contains("\n  s1 ") && !all.contains("--all shows"),
        "{all}"
    );
    let json: Value =
        serde_json::from_str(&out(&asked(&chain(40), &["--format", "json"]))).unwrap();
    assert_eq!(json["services"].as_array().unwrap().len(), 40);
    assert_eq!(json["services"][0]["name"], "s1");
}

#[test]
fn services_are_ordered_by_a_column() {
    let first = |column: &str| {
        let json = out(&asked(&chain(5), &["--format", "json", "--sort", column]).code(0));
        let json: Value = serde_json::from_str(&json).unwrap();
        json["services"][0]["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(first("blast"), "s5");
    assert_eq!(first("depth"), "s1");
    assert_eq!(first("instability"), "s1");
    assert_eq!(first("name"), "s1");
    let unknown = asked(&chain(5), &["--sort", "size"]).code(2);
    assert!(err(&unknown).contains("instability"), "{}", err(&unknown));
}

#[test]
fn a_service_that_is_not_there_is_guessed() {
    let assert = asked(&shop(), &["--service", "oder-service"]).code(2);
    assert!(
        err(&assert).contains("did you mean order-service?"),
        "{}",
        err(&assert)
    );
}

#[test]
fn findings_are_counted_and_do_not_fail() {
    let wrong = "msarch: 1\nname: shop\nservices:\n  a: {data_ownership: [orders]}\n  b: {data_ownership: [orders]}\n";
    let told = out(&asked(wrong, &[]).code(0));
    assert!(told.contains("1 error: `msarch validate`"), "{told}");
}

#[test]
fn the_formulas_are_told() {
    let page = out(&asked("", &["--explain"]).code(0));
    assert!(page.contains("Martin") && page.contains("blast"), "{page}");
}

#[test]
fn names_cannot_move_the_cursor_or_break_a_table() {
    let name = serde_json::to_string(&format!("a\u{1b}[2J {HOSTILE}")).unwrap();
    let text = format!(
        "msarch: 1\nname: {name}\nservices:\n  {name}: {{team_ownership: {name}, data_ownership: [as]}}\n"
    );
    let told = out(&asked(&text, &[]).code(0));
    assert!(!told.contains('\u{1b}'), "{told:?}");
    assert!(!told.contains("\n# heading"), "{told}");
}

#[test]
fn the_same_file_gives_the_same_bytes() {
    for more in [
        &[][..],
        &["--format", "json"],
        &["--service", "catalog-service"],
    ] {
        assert_eq!(out(&asked(&shop(), more)), out(&asked(&shop(), more)));
    }
}
