//! Faults are seeded into a generated service, one at a time: the tests that it ships must notice each.
//!
//! It compiles a service once per fault, so it is run on request:
//! `cargo test --test seeded_faults -- --ignored`, with `FAULTS=name,name` for some of them.

mod fault;
mod operations;
mod sagas;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fault::Fault;

fn faults() -> impl Iterator<Item = &'static Fault> {
    operations::FAULTS.iter().chain(sagas::FAULTS)
}

#[test]
fn every_fault_has_a_name_of_its_own_and_there_are_enough() {
    let mut names: Vec<&str> = faults().map(|fault| fault.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), faults().count());
    assert!(names.len() >= 60);
}

#[test]
fn every_fault_finds_its_place_in_the_generated_code() {
    let folder = tempfile::tempdir().expect("a folder");
    generate(folder.path());
    for fault in faults() {
        let text = fs::read_to_string(folder.path().join(fault.file)).expect(fault.file);
        assert!(
            text.contains(fault.from),
            "{}: {} lacks {:?}",
            fault.name,
            fault.file,
            fault.from
        );
    }
}

#[test]
#[ignore = "compiles a service once per fault: minutes"]
fn the_tests_of_a_generated_service_notice_every_fault() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace =
        std::env::var("FAULTS_IN").map_or_else(|_| folder.path().to_owned(), PathBuf::from);
    generate(&workspace);
    let (ok, log) = tests_of(&workspace);
    assert!(ok, "the tests fail without a fault:\n{log}");
    let some = std::env::var("FAULTS").ok();
    let wanted = |fault: &&Fault| {
        some.as_ref()
            .is_none_or(|some| some.split(',').any(|name| name == fault.name))
    };
    let mut missed = Vec::new();
    for fault in faults().filter(wanted) {
        let file = workspace.join(fault.file);
        let text = fs::read_to_string(&file).expect("a generated file");
        let seeded = text.replace(fault.from, fault.to);
        assert_ne!(seeded, text, "{} changes nothing", fault.name);
        fs::write(&file, seeded).expect("a fault is written");
        let (ok, log) = tests_of(&workspace);
        fs::write(&file, text).expect("the file is as it was");
        if ok {
            missed.push(format!("{}: not noticed", fault.name));
        } else if !log.contains("test result: FAILED") {
            missed.push(format!("{}: does not compile\n{log}", fault.name));
        }
    }
    assert!(
        missed.is_empty(),
        "{} of {}:\n{}",
        missed.len(),
        faults().count(),
        missed.join("\n")
    );
}

/// The workspace of the architecture beside this test.
fn generate(workspace: &Path) {
    let architecture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/faults/architecture.yaml");
    let done = Command::new(env!("CARGO_BIN_EXE_msarch"))
        .arg("generate")
        .arg(architecture)
        .arg("--out")
        .arg(workspace)
        .output()
        .expect("msarch runs");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// Whether the tests that the workspace ships pass, and what they say.
fn tests_of(workspace: &Path) -> (bool, String) {
    let packages = [
        "lending-service",
        "contracts-lending-service",
        "contracts-reader-service",
    ];
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(workspace)
        .args(["test", "--no-fail-fast", "--tests"]);
    for package in packages {
        cargo.args(["-p", package]);
    }
    // Not the target of this crate: cargo holds a lock on that while it runs us.
    let target =
        std::env::var("FAULTS_TARGET").map_or_else(|_| workspace.join("target"), PathBuf::from);
    let done = cargo
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("cargo runs");
    let text = [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    (done.status.success(), text.concat())
}
