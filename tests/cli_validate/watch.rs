//! Validating again whenever a file changes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use assert_cmd::cargo::cargo_bin;

use super::{CLEAN, WARNS, err, folder, msarch};

/// How long a slow machine may take.
const PATIENCE: Duration = Duration::from_secs(60);

#[cfg(unix)]
#[test]
fn a_change_is_told_and_ctrl_c_ends() {
    let shop = folder(&[
        (
            "architecture.yaml",
            "msarch: 1\nname: shop\ninclude: parts/*.yaml\n",
        ),
        (
            "parts/a.yaml",
            "services: {a: {data_ownership: [orders]}}\n",
        ),
    ]);
    let mut child = Command::new(cargo_bin("msarch"))
        .args(["validate", "--watch"])
        .current_dir(shop.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.stdout.take().unwrap();
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let next = |what: &str| loop {
        let line = lines.recv_timeout(PATIENCE).unwrap();
        if line.contains(what) {
            break;
        }
    };
    next("no findings in 2 files");
    next("watching");
    // A new file that the include matches, then a fault in it, then no file that can be read.
    let part = shop.path().join("parts/b.yaml");
    fs::write(
        &part,
        "services: {b: {data_ownership: [carts], loc: 61000}}\n",
    )
    .unwrap();
    next("code-size");
    next("watching");
    fs::remove_file(shop.path().join("architecture.yaml")).unwrap();
    next("error:");
    fs::write(shop.path().join("architecture.yaml"), CLEAN).unwrap();
    next("no findings in 1 file");
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn standard_input_cannot_be_watched() {
    let shop = folder(&[("architecture.yaml", WARNS)]);
    let refused = msarch(shop.path(), &["-", "--watch"]).code(2);
    assert!(
        err(&refused).contains("`--watch` works on files"),
        "{}",
        err(&refused)
    );
}
