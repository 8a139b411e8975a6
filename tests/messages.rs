//! What msarch says of faults that many people make: what is wrong, once, and what to do.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use assert_cmd::Command;
use tempfile::TempDir;

/// What `validate` says of an architecture.
fn told(text: &str) -> String {
    let mut command = Command::cargo_bin("msarch").unwrap();
    let output = command
        .args(["validate", "-"])
        .write_stdin(text)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A shop with a route that has these settings.
fn route(settings: &str) -> String {
    told(&format!(
        "msarch: 1
name: shop
services:
  order-service: {{data_ownership: [orders], endpoints: [GET /orders]}}
gateway: {{routes: [{{path: /orders, method: GET, service: order-service, {settings}}}]}}
"
    ))
}

/// What a command says that cannot work.
fn refused(arguments: &[&str], folder: &TempDir) -> String {
    let mut command = Command::cargo_bin("msarch").unwrap();
    let output = command
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

const SHOP: &str =
    "msarch: 1\nname: shop\nservices:\n  order-service: {data_ownership: [orders]}\n";

fn shop() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("architecture.yaml"), SHOP).unwrap();
    folder
}

#[test]
fn a_duration_that_is_too_long_is_told_once() {
    for timeout in ["99999999999d", "99999999999999999999"] {
        let said = route(&format!("public: true, timeout: {timeout}"));
        assert!(
            said.contains("is too long") && said.contains("36500d"),
            "{said}"
        );
        assert!(said.contains("\n1 error in 1 file"), "{said}");
    }
}

#[test]
fn the_truth_values_of_yaml_1_1_are_told_what_to_write() {
    for (word, meant) in [("on", "`true`"), ("no", "`false`"), ("\"true\"", "`true`")] {
        let said = route(&format!("timeout: 5s, public: {word}"));
        assert!(said.contains(&format!("help: write {meant}")), "{said}");
    }
}

#[test]
fn a_number_in_quotes_is_told_to_be_a_text() {
    let said = told("msarch: \"1\"\nname: shop\nservices: {a: {}}\n");
    assert!(
        said.contains("expected a whole number, found the text `\"1\"`")
            && said.contains("help: write `1` without the quotes"),
        "{said}"
    );
}

#[test]
fn a_system_has_a_name() {
    let said = told("msarch: 1\nname: \"\"\nservices: {order-service: {}}\n");
    assert!(
        said.contains("error[malformed-name]: system: an empty name is no name"),
        "{said}"
    );
}

#[test]
fn a_name_with_a_hyphen_is_never_broken() {
    let name = "order-service-of-the-north-and-south";
    let said = told(&format!(
        "msarch: 1
name: shop
services:
  {name}: {{data_ownership: [orders], calls: [{{to: catalog-service-of-east-and-west}}]}}
  catalog-service-of-east-and-west: {{data_ownership: [products], endpoints: [GET /products]}}
"
    ));
    let called = format!("{name} calls");
    assert!(said.contains(&called), "{said}");
    for line in said.lines() {
        assert!(!line.trim_end().ends_with('-'), "{line}");
    }
}

#[test]
fn the_file_in_the_way_of_a_folder_is_named() {
    let folder = shop();
    fs::write(folder.path().join("afile"), "mine").unwrap();
    for command in [
        &["generate", "--out", "afile/sub"][..],
        &["new", "afile/sub"],
    ] {
        let said = refused(command, &folder);
        assert!(said.contains("`afile` is a file"), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn a_cause_is_told_once() {
    let folder = shop();
    // Nothing can be made there, whoever asks.
    let said = refused(&["generate", "--out", "/proc/msarch"], &folder);
    assert_eq!(said.matches("os error").count(), 1, "{said}");
}

#[test]
fn a_failure_of_a_step_that_is_not_there_is_refused_before_anything_is_built() {
    let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/ecommerce.yaml");
    let folder = TempDir::new().unwrap();
    let dev = |fault: &str| refused(&["dev", shop, "--out", "out", "--fail", fault], &folder);
    let said = dev("payment-service.proces_payment=reject:1");
    assert!(
        said.contains("did you mean --fail payment-service.process_payment=reject:1?"),
        "{said}"
    );
    let said = dev("payment-service.zzz=reject");
    assert!(
        said.contains(
            "there are inventory-service.reserve_items, inventory-service.release_reservation"
        ),
        "{said}"
    );
    let said = dev("payment-service.process_payment=explode");
    assert!(said.contains("=reject, =error or =hang"), "{said}");
    assert!(!folder.path().join("out").exists());
}
