//! Help, completions, colours, pipes: what a user meets first.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command as Plain, Stdio};

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin;

const COMMANDS: &[&str] = &[
    "new",
    "validate",
    "generate",
    "dev",
    "explain",
    "graph",
    "diff",
    "metrics",
    "schema",
    "completions",
];

fn msarch(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("msarch").unwrap();
    let output = command
        .args(arguments)
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn every_command_is_listed_and_has_help_with_examples() {
    let (code, all, _) = msarch(&["--help"]);
    assert_eq!(code, 0);
    for command in COMMANDS {
        assert!(
            all.contains(&format!("  {command}")),
            "{command} is not listed:\n{all}"
        );
        let (code, help, _) = msarch(&[command, "--help"]);
        assert_eq!(code, 0, "{command}");
        assert!(
            help.contains("Example") && help.contains(&format!("msarch {command}")),
            "{command}:\n{help}"
        );
    }
    assert!(all.contains("Exit codes"), "{all}");
}

#[test]
fn a_wrong_command_line_ends_with_2_and_says_what_was_meant() {
    let (code, out, err) = msarch(&["valdate"]);
    assert_eq!(code, 2);
    assert!(out.is_empty() && err.contains("validate"), "{err}");
    assert_eq!(msarch(&["generate"]).0, 2);
    assert_eq!(msarch(&["new"]).0, 2);
    assert_eq!(msarch(&["dev", "--port", "70000"]).0, 2);
    assert_eq!(msarch(&[]).0, 2);
}

#[test]
fn the_version_is_that_of_the_package() {
    let (code, out, _) = msarch(&["--version"]);
    assert_eq!(
        (code, out.trim()),
        (0, concat!("msarch ", env!("CARGO_PKG_VERSION")))
    );
}

#[test]
fn completions_know_the_commands_in_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, script, _) = msarch(&["completions", shell]);
        assert_eq!(code, 0, "{shell}");
        for command in COMMANDS {
            assert!(script.contains(command), "{shell} knows no {command}");
        }
    }
}

#[test]
fn no_color_is_heeded_and_color_always_overrules_it() {
    let run = |extra: &[&str]| {
        let mut command = Command::cargo_bin("msarch").unwrap();
        let output = command
            .args(["explain", "sync-cycle"])
            .args(extra)
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).contains('\u{1b}')
    };
    assert!(!run(&[]));
    assert!(run(&["--color", "always"]));
    assert!(!run(&["--color", "never"]));
}

#[test]
fn a_closed_pipe_is_no_crash() {
    for arguments in [
        &["explain"][..],
        &["schema"],
        &["metrics", "--explain"],
        &["completions", "bash"],
    ] {
        let mut child = Plain::new(cargo_bin("msarch"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(
            (ended.status.code(), err.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn every_level_that_a_rule_tells_is_listed() {
    let (_, list, _) = msarch(&["explain"]);
    let line = |rule: &str| {
        list.lines()
            .find(|line| line.contains(rule))
            .unwrap()
            .to_owned()
    };
    for (rule, levels) in [
        ("included-twice", "warn "),
        ("bad-weights", "error, warn "),
        ("retry-amplification", "warn, error "),
        ("team-size-out-of-range", "warn, info "),
    ] {
        assert!(
            line(rule).contains(&format!("  {levels}")),
            "{}",
            line(rule)
        );
    }
    let (_, page, _) = msarch(&["explain", "bad-weights"]);
    assert!(page.contains("level error or warn"), "{page}");
}

#[test]
fn every_rule_has_a_page_and_an_unknown_one_is_guessed() {
    let (code, list, _) = msarch(&["explain"]);
    assert_eq!(code, 0);
    let rules = list
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    let mut count = 0;
    for rule in rules {
        let (code, page, _) = msarch(&["explain", rule]);
        assert_eq!(code, 0, "{rule}");
        assert!(
            ["What", "Why", "Bad", "Good"]
                .iter()
                .all(|heading| page.contains(heading)),
            "{rule}:\n{page}"
        );
        count += 1;
    }
    assert!(count > 40, "{count} rules");
    let (code, _, err) = msarch(&["explain", "sync-cycel"]);
    assert!(code == 2 && err.contains("sync-cycle"), "{err}");
}
