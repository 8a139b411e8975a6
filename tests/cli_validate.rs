//! `msarch validate` as CI uses it: some rules, several architectures, standard input.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "cli_validate/baseline.rs"]
mod baseline;
#[path = "cli_validate/fix.rs"]
mod fix;
#[path = "cli_validate/forms.rs"]
mod forms;
#[path = "cli_validate/judged/mod.rs"]
mod judged;
#[cfg(unix)]
#[path = "cli_validate/links.rs"]
mod links;
#[path = "cli_validate/order.rs"]
mod order;
#[path = "cli_validate/overrides.rs"]
mod overrides;
mod part;
#[path = "cli_validate/secrets.rs"]
mod secrets;
#[path = "cli_validate/unlooked.rs"]
mod unlooked;
#[path = "cli_validate/watch.rs"]
mod watch;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use serde_json::Value;

const CLEAN: &str =
    "msarch: 1\nname: shop\nservices:\n  order-service: {data_ownership: [orders]}\n";
const WARNS: &str =
    "msarch: 1\nname: shop\nservices:\n  order-service: {data_ownership: [orders], loc: 61000}\n";
/// An error of the family ownership, and a warning of the family sizing.
const WRONG: &str = "msarch: 1\nname: shop\nservices:\n  a: {data_ownership: [orders], loc: 61000}\n  b: {data_ownership: [orders]}\n";

fn msarch(folder: &Path, arguments: &[&str]) -> Assert {
    command(folder).args(arguments).assert()
}

fn command(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("msarch").unwrap();
    command
        .current_dir(folder)
        .env_remove("COLUMNS")
        .env_remove("NO_COLOR")
        .arg("validate");
    command
}

fn out(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn err(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The rules of a JSON report, with the files of their findings.
fn found(assert: &Assert) -> Vec<(String, String)> {
    let json: Value = serde_json::from_str(&out(assert)).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = json["findings"].as_array().unwrap().iter();
    findings
        .map(|one| {
            (
                text(&one["rule"]),
                text(&one["primary"]["location"]["file"]),
            )
        })
        .collect()
}

#[test]
fn only_some_rules_are_reported_and_make_the_exit_code() {
    let shop = folder(&[("architecture.yaml", WRONG)]);
    let only = |what: &str| msarch(shop.path(), &["--only", what, "--format", "json"]);
    let rules = |assert: &Assert| {
        found(assert)
            .into_iter()
            .map(|(rule, _)| rule)
            .collect::<Vec<_>>()
    };
    assert_eq!(rules(&only("code-size").code(0)), ["code-size"]);
    assert_eq!(rules(&only("sizing").code(0)), ["code-size"]);
    assert_eq!(
        rules(&only("sizing,entity-with-several-owners").code(1)).len(),
        2
    );
    assert_eq!(rules(&only("sync-cycle").code(0)), [""; 0]);
    let denied = msarch(shop.path(), &["--only", "sizing", "--deny", "warnings"]);
    denied.code(1);
    let wrong = only("sizin").code(2);
    assert!(
        err(&wrong).contains("did you mean sizing?"),
        "{}",
        err(&wrong)
    );
}

#[test]
fn a_file_that_no_rule_could_look_at_is_not_clean_for_one_of_them() {
    let shop = folder(&[("architecture.yaml", "msarch: 1\nname: [shop\n")]);
    let told = msarch(shop.path(), &["--only", "sync-cycle"]).code(1);
    assert!(out(&told).contains("yaml-syntax"), "{}", out(&told));
}

#[test]
fn the_gravest_findings_are_shown_and_all_are_counted() {
    let shop = folder(&[("architecture.yaml", WRONG)]);
    let shown = |most: &str, format: &str| {
        out(&msarch(shop.path(), &["--max-findings", most, "--format", format]).code(1))
    };
    let human = shown("1", "human");
    assert!(
        human.contains("1 error, 1 warning in 1 file, 1 of them shown"),
        "{human}"
    );
    assert!(!human.contains("code-size"), "{human}");
    let json: Value = serde_json::from_str(&shown("0", "json")).unwrap();
    assert_eq!(
        json["summary"],
        serde_json::json!({"errors": 1, "warnings": 1, "infos": 0, "shown": 0, "known": 0})
    );
    assert!(
        shown("1", "github").ends_with("::notice title=msarch::1 of 2 findings are shown\n"),
        "{}",
        shown("1", "github")
    );
    assert!(shown("0", "junit").contains("2 further findings are not shown"));
}

#[test]
fn several_architectures_make_one_report_in_every_form() {
    let both = folder(&[("shop/architecture.yaml", WARNS), ("bank.yaml", WRONG)]);
    let run =
        |format: &str| msarch(both.path(), &["shop", "bank.yaml", "--format", format]).code(1);
    let warned = ("code-size".to_owned(), "shop/architecture.yaml".to_owned());
    let json = found(&run("json"));
    assert_eq!(json.len(), 3);
    assert!(json.contains(&warned), "{json:?}");
    for format in ["human", "sarif", "github", "gitlab", "junit"] {
        let text = out(&run(format));
        assert!(
            text.contains("shop/architecture.yaml") && text.contains("bank.yaml"),
            "{format}:\n{text}"
        );
    }
    assert!(out(&run("human")).contains("1 error, 2 warnings in 2 files"));
}

#[test]
fn what_one_architecture_cannot_be_read_for_hides_nothing_of_the_others() {
    let both = folder(&[
        ("shop.yaml", WARNS),
        ("broken.yaml", "msarch: 1\nname: [x\n"),
    ]);
    let told = msarch(both.path(), &["missing.yaml", "broken.yaml", "shop.yaml"]).code(2);
    assert!(
        out(&told).contains("code-size") && out(&told).contains("yaml-syntax"),
        "{}",
        out(&told)
    );
    assert!(err(&told).contains("missing.yaml"), "{}", err(&told));
    let none = msarch(both.path(), &["missing.yaml", "neither.yaml"]).code(2);
    assert!(out(&none).is_empty(), "{}", out(&none));
    assert!(
        err(&none).contains("missing.yaml") && err(&none).contains("neither.yaml"),
        "{}",
        err(&none)
    );
}

#[test]
fn an_architecture_that_is_named_twice_and_a_file_that_two_share_are_told_once() {
    let shared = "services:\n  pay-service: {data_ownership: [payments], loc: 61000}\n";
    let main = |name: &str| format!("msarch: 1\nname: {name}\ninclude: shared.yaml\n");
    let both = folder(&[
        ("a.yaml", &main("a")),
        ("b.yaml", &main("b")),
        ("shared.yaml", shared),
    ]);
    let told = msarch(
        both.path(),
        &["a.yaml", "./a.yaml", "b.yaml", "--format", "json"],
    );
    assert_eq!(
        found(&told.code(0)),
        [("code-size".to_owned(), "shared.yaml".to_owned())]
    );
}

#[test]
fn standard_input_stands_for_the_file_that_it_is_said_to_be() {
    let shop = folder(&[(
        "arch/services/pay.yaml",
        "services:\n  pay-service: {data_ownership: [payments], loc: 61000}\n",
    )]);
    let piped = |more: &[&str]| {
        command(shop.path())
            .args(["-", "--format", "json"])
            .args(more)
            .write_stdin("msarch: 1\nname: shop\ninclude: services/*.yaml\nservices:\n  a: {data_ownership: [orders], loc: 70000}\n")
            .assert()
    };
    let named = piped(&["--stdin-filename", "arch/architecture.yaml"]).code(0);
    assert_eq!(
        found(&named),
        [
            ("code-size".to_owned(), "arch/architecture.yaml".to_owned()),
            ("code-size".to_owned(), "arch/services/pay.yaml".to_owned()),
        ]
    );
    let nameless = piped(&[]).code(1);
    assert!(found(&nameless).iter().all(|(_, file)| file == "<stdin>"));
    command(shop.path())
        .arg("-")
        .write_stdin(CLEAN)
        .assert()
        .code(0);
}
