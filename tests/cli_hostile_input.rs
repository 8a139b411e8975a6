//! Broken, hostile and absent input: every command says what is wrong, ends with 1 or 2, and writes nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use tempfile::TempDir;

const FINDINGS: i32 = 1;
const FAILED: i32 = 2;

/// A folder with an architecture, and a place to generate into.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn with(bytes: impl AsRef<[u8]>) -> Self {
        let desk = Self {
            folder: TempDir::new().unwrap(),
        };
        desk.put("architecture.yaml", bytes);
        desk
    }

    fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join(path), bytes).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Assert {
        let mut command = Command::cargo_bin("msarch").unwrap();
        command
            .current_dir(self.folder.path())
            .timeout(std::time::Duration::from_secs(120))
            .args(arguments)
            .assert()
    }

    /// Holds `validate` and `generate` to one answer: the same exit code, these words, nothing written, no panic.
    fn refused(&self, code: i32, words: &[&str]) {
        for arguments in [&["validate"][..], &["generate", "--out", "out"]] {
            let assert = self.run(arguments).code(code);
            let output = assert.get_output();
            let (out, err) = (
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr),
            );
            assert!(!err.contains("panicked"), "{arguments:?}: {err}");
            let said = if code == FAILED { &err } else { &out };
            for word in words {
                assert!(
                    said.contains(word),
                    "{arguments:?} says nothing of {word:?}:\n{said}"
                );
            }
            assert!(
                !self.folder.path().join("out").exists(),
                "{arguments:?} wrote"
            );
        }
    }
}

/// An architecture with one line more.
fn with(lines: &str) -> String {
    format!(
        "msarch: 1\nname: shop\nservices:\n  order-service: {{data_ownership: [orders]}}\n{lines}"
    )
}

#[test]
fn a_file_that_is_not_utf8_is_named_with_the_byte() {
    let mut bytes = with("description: ").into_bytes();
    bytes.extend(b"caf\xe9\n");
    Desk::with(bytes).refused(FAILED, &["architecture.yaml", "UTF-8", "line 5"]);
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("msarch: 1".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    Desk::with(utf16).refused(FAILED, &["UTF-16"]);
}

#[test]
fn a_file_of_fifty_megabytes_is_refused() {
    let comment = "# a comment that goes on and on and on and on and on\n";
    let text = with(&comment.repeat(50 * 1024 * 1024 / comment.len()));
    Desk::with(text).refused(FAILED, &["larger than", "include"]);
}

#[test]
fn ten_thousand_levels_are_a_finding() {
    let flow = format!(
        "description: {}{}\n",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    Desk::with(with(&flow)).refused(FINDINGS, &["too-large"]);
    let block = format!("{}x\n", "- ".repeat(10_000));
    Desk::with(block).refused(FINDINGS, &["too-large"]);
}

#[test]
fn aliases_that_multiply_are_a_finding() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let alias = format!("*a{}", level - 1);
        let aliases = vec![alias; 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    Desk::with(with(&bomb)).refused(FINDINGS, &["too-large"]);
}

#[test]
fn a_key_given_twice_is_a_finding_with_both_places() {
    Desk::with(with("  order-service: {data_ownership: [payments]}\n"))
        .refused(FINDINGS, &["duplicate-key", "architecture.yaml:5"]);
}

#[test]
fn a_file_that_includes_itself_through_another_is_a_finding() {
    let desk = Desk::with(format!("include: more.yaml\n{}", with("")));
    desk.put("more.yaml", "include: architecture.yaml\n");
    desk.refused(FINDINGS, &["include-cycle", "more.yaml"]);
}

#[test]
fn text_that_is_no_yaml_is_a_finding_with_its_place() {
    Desk::with("msarch: 1\nname: [shop\n")
        .refused(FINDINGS, &["yaml-syntax", "architecture.yaml:"]);
    Desk::with("").refused(FINDINGS, &["empty-file"]);
    Desk::with("\u{0}\u{0}\u{0}").refused(FINDINGS, &["architecture.yaml"]);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let desk = Desk::with(with(""));
    let assert = desk.run(&["validate", "shop.yaml"]).code(FAILED);
    let err = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(
        err.contains("shop.yaml") && err.contains("no such file"),
        "{err}"
    );
}

#[test]
fn a_folder_without_an_architecture_is_told_from_one_with_another_name() {
    let desk = Desk::with(with(""));
    fs::rename(
        desk.folder.path().join("architecture.yaml"),
        desk.folder.path().join("architecture.yml"),
    )
    .unwrap();
    desk.refused(
        FAILED,
        &["architecture.yaml", "did you mean architecture.yml?"],
    );
}

#[test]
fn a_folder_that_is_included_as_a_file_is_a_finding() {
    let desk = Desk::with(with("include: parts\n"));
    fs::create_dir(desk.folder.path().join("parts")).unwrap();
    desk.refused(FINDINGS, &["include-without-match", "parts"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::with(with(""));
    let file = desk.folder.path().join("architecture.yaml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    if may_read(&file) {
        eprintln!("SKIPPED: this user may read every file (root)");
        return;
    }
    desk.refused(FAILED, &["architecture.yaml", "cannot be read"]);
}

#[cfg(unix)]
#[test]
fn an_output_folder_that_may_not_be_written_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::with(with(""));
    let out = desk.folder.path().join("locked");
    fs::create_dir(&out).unwrap();
    fs::set_permissions(&out, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(out.join("probe"), "").is_ok() {
        eprintln!("SKIPPED: this user may write everywhere (root)");
        return;
    }
    let assert = desk.run(&["generate", "--out", "locked"]).code(FAILED);
    let err = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(err.contains("locked"), "{err}");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
}

#[test]
fn an_output_folder_with_somebody_elses_work_is_left_alone() {
    let desk = Desk::with(with(""));
    let out = desk.folder.path().join("thesis");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("chapter.tex"), "mine").unwrap();
    let assert = desk.run(&["generate", "--out", "thesis"]).code(FAILED);
    let err = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(
        err.contains("thesis") && err.contains("chapter.tex"),
        "{err}"
    );
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
}

#[test]
fn a_file_in_the_place_of_the_output_folder_is_left_alone() {
    let desk = Desk::with(with(""));
    desk.put("notes", "mine");
    desk.run(&["generate", "--out", "notes"]).code(FAILED);
    assert_eq!(
        fs::read_to_string(desk.folder.path().join("notes")).unwrap(),
        "mine"
    );
}

#[test]
fn a_wrong_architecture_is_not_generated() {
    let desk = Desk::with(with("  other-service: {data_ownership: [orders]}\n"));
    desk.refused(FINDINGS, &["entity-with-several-owners"]);
}

#[cfg(unix)]
fn may_read(file: &Path) -> bool {
    fs::read(file).is_ok()
}
