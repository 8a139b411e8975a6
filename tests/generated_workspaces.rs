//! What is generated compiles without a warning, is formatted, is documented, and passes its own tests.
//!
//! `cargo test` builds the smallest system; `scripts/ready` builds the others too. All share one target directory, since most of the time goes
//! into crates that they have in common.

mod support;

use std::path::PathBuf;

use support::Workspace;

fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Everything that an owner would ask of a workspace.
fn holds(path: &str) {
    let workspace = Workspace::generate(&file(path));
    workspace.cargo(&["fmt", "--check"]);
    workspace.cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]);
    workspace.cargo(&["doc", "--workspace", "--no-deps"]);
    workspace.cargo(&["test", "--workspace"]);
}

#[test]
fn the_smallest_system_builds_and_passes_its_own_tests() {
    let workspace = Workspace::generate(&file("examples/minimal.yaml"));
    workspace.cargo(&["test", "--workspace"]);
}

#[test]
#[ignore = "takes minutes; `scripts/ready` runs it"]
fn the_ecommerce_system_holds() {
    holds("examples/ecommerce.yaml");
}

#[test]
#[ignore = "takes minutes; `scripts/ready` runs it"]
fn the_ride_hailing_system_holds() {
    holds("tests/architectures/ride_hailing.yaml");
}

#[test]
#[ignore = "takes minutes; the deep script runs it"]
fn the_banking_system_holds() {
    holds("tests/architectures/banking.yaml");
}

#[test]
#[ignore = "takes minutes; the deep script runs it"]
fn the_hospital_system_holds() {
    holds("tests/architectures/hospital.yaml");
}

#[test]
#[ignore = "takes minutes; `scripts/ready` runs it"]
fn two_systems_drawn_at_random_compile() {
    let seed = std::env::var("MSARCH_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            now.map_or(0, |time| u64::from(time.subsec_nanos()))
        });
    for seed in [seed, seed + 1] {
        println!("seed {seed}; again with MSARCH_SEED={seed}");
        let folder = file(&format!("target/workspaces/drawn-{seed}"));
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        let path = folder.join("drawn.yaml");
        std::fs::write(&path, support::random::architecture(seed))
            .expect("the file can be written");
        let workspace = Workspace::generate(&path);
        workspace.cargo(&["fmt", "--check"]);
        workspace.cargo(&["check", "--workspace", "--tests"]);
        std::fs::remove_dir_all(&workspace.folder).expect("the workspace can be removed");
    }
}
