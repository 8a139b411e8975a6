//! The package for a registry holds all that the program is built from.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use walkdir::WalkDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn package(arguments: &[&str]) -> Output {
    Command::new(root().join("scripts/package"))
        .args(arguments)
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .expect("there is a bash")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_package_holds_every_file_that_the_program_embeds() {
    let done = package(&["package", "--list", "--offline"]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let listed = text(&done.stdout);
    let listed: BTreeSet<&str> = listed.lines().collect();
    let mut embedded = 0;
    for folder in ["src", "templates", "runtime/src", "examples", "schemas"] {
        for entry in WalkDir::new(root().join(folder)) {
            let entry = entry.expect("the folder can be read");
            if entry.file_type().is_file() {
                let below = entry.path().strip_prefix(root()).expect("it is below");
                let path = below.to_str().expect("it is text");
                assert!(listed.contains(path), "{path} is not in the package");
                embedded += 1;
            }
        }
    }
    assert!(embedded > 500, "{embedded}");
    for path in [
        "build.rs",
        "runtime/Cargo.toml.packed",
        "runtime/Cargo.lock",
    ] {
        assert!(listed.contains(path), "{path} is not in the package");
    }
}

#[test]
#[ignore = "builds the tool once more, which takes minutes; the deep script runs it"]
fn what_the_package_builds_generates_what_this_program_generates() {
    let done = package(&["package", "--offline"]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    // Below this folder, cargo would take the package for a part of ours.
    let desk = tempfile::tempdir().expect("a folder");
    let name = concat!("msarch-", env!("CARGO_PKG_VERSION"));
    let archive = root().join(format!("target/packaged/package/{name}.crate"));
    let unpacked = Command::new("tar")
        .arg("--extract")
        .arg("--gzip")
        .arg("--file")
        .arg(archive)
        .arg("--directory")
        .arg(desk.path())
        .status()
        .expect("there is a tar");
    assert!(unpacked.success());
    let built = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--locked", "--target-dir"])
        .arg(root().join("target/packaged"))
        .current_dir(desk.path().join(name))
        .output()
        .expect("cargo runs");
    assert!(built.status.success(), "{}", text(&built.stderr));
    let packaged = root().join("target/packaged/debug/msarch");
    let trees = [packaged.as_path(), Path::new(env!("CARGO_BIN_EXE_msarch"))].map(|program| {
        let out = desk.path().join(if program == packaged {
            "packaged"
        } else {
            "own"
        });
        let done = Command::new(program)
            .arg("generate")
            .arg(root().join("examples/minimal.yaml"))
            .arg("--out")
            .arg(&out)
            .output()
            .expect("the program runs");
        assert!(done.status.success(), "{}", text(&done.stderr));
        std::fs::read_to_string(out.join(".msarch/lock")).expect("there is a lock")
    });
    assert_eq!(trees[0], trees[1]);
}
