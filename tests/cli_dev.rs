//! `msarch dev` before anything is built: each failure says what to install or to change, and nothing is written.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

const SHOP: &str =
    "msarch: 1\nname: shop\nservices:\n  order-service: {data_ownership: [orders]}\n";

fn folder(text: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("architecture.yaml"), text).unwrap();
    folder
}

/// Runs `dev` where it has to end before cargo, and gives its exit code and what it said.
fn dev(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
    let mut command = Command::cargo_bin("msarch").unwrap();
    command
        .current_dir(folder)
        .arg("dev")
        .args(arguments)
        .envs(environment.iter().copied());
    let output = command
        .timeout(std::time::Duration::from_secs(60))
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(
        !folder.join("Cargo.toml").exists() && !folder.join("out").exists(),
        "it wrote"
    );
    (
        output.status.code().unwrap(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn a_missing_rust_is_named_with_where_to_get_it() {
    let shop = folder(SHOP);
    let (code, said) = dev(shop.path(), &[], &[("CARGO", "/no/such/cargo")]);
    assert!(
        code == 2 && said.contains("/no/such/cargo") && said.contains("rustup.rs"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn an_old_rust_is_named_with_how_to_update() {
    use std::os::unix::fs::PermissionsExt;
    let shop = folder(SHOP);
    let rustc = shop.path().join("old-rustc");
    fs::write(
        &rustc,
        "#!/bin/sh\necho 'rustc 1.70.0 (90c541806 2023-05-31)'\n",
    )
    .unwrap();
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755)).unwrap();
    let (code, said) = dev(shop.path(), &[], &[("RUSTC", rustc.to_str().unwrap())]);
    assert!(
        code == 2 && said.contains("1.70.0") && said.contains("rustup update"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn a_missing_c_compiler_is_named_with_what_to_install() {
    let shop = folder(SHOP);
    let (code, said) = dev(shop.path(), &[], &[("CC", "/no/such/cc")]);
    assert!(
        code == 2 && said.contains("C compiler") && said.contains("/no/such/cc"),
        "{said}"
    );
}

#[test]
fn findings_stop_it_with_1() {
    let wrong = folder(&format!(
        "{SHOP}  other-service: {{data_ownership: [orders]}}\n"
    ));
    let (code, said) = dev(wrong.path(), &[], &[]);
    assert!(
        code == 1 && said.contains("entity-with-several-owners"),
        "{said}"
    );
}

#[test]
fn a_taken_port_is_named_with_the_flag_that_chooses_another() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let shop = folder(SHOP);
    let (code, said) = dev(shop.path(), &["--port", &port], &[]);
    assert!(
        code == 2 && said.contains(&port) && said.contains("--port"),
        "{said}"
    );
    let (code, said) = dev(shop.path(), &["--port", "0", "--admin-port", &port], &[]);
    assert!(code == 2 && said.contains("--admin-port"), "{said}");
}

#[test]
fn data_that_is_not_of_a_run_is_never_removed() {
    let shop = folder(SHOP);
    fs::create_dir(shop.path().join("data")).unwrap();
    fs::write(shop.path().join("data/thesis.txt"), "mine").unwrap();
    let (code, said) = dev(
        shop.path(),
        &["--fresh", "--port", "0", "--admin-port", "0"],
        &[],
    );
    assert!(code == 2 && said.contains("--fresh"), "{said}");
    assert_eq!(
        fs::read_to_string(shop.path().join("data/thesis.txt")).unwrap(),
        "mine"
    );
}

#[test]
fn standard_input_needs_a_folder_to_generate_into() {
    let shop = TempDir::new().unwrap();
    let mut command = Command::cargo_bin("msarch").unwrap();
    let assert = command
        .current_dir(shop.path())
        .args(["dev", "-"])
        .write_stdin(SHOP)
        .assert()
        .code(2);
    let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(said.contains("--out"), "{said}");
    assert_eq!(fs::read_dir(shop.path()).unwrap().count(), 0);
}
