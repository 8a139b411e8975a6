//! Every generated file is laid out as rustfmt leaves it, whatever the names and however long they are.
//!
//! Where rustfmt is not installed the test says so and passes, unless `MSARCH_REQUIRE_RUSTFMT` is set.

mod architecture;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use architecture::{ALL, model_of, model_of_text};
use msarch::emit::emit;
use msarch::emit::tree::Tree;
use msarch::model::Model;
use msarch::plan::migrations::{History, Snapshot};
use msarch::plan::workspace::of_model;

fn tree(model: &Model) -> Tree {
    let before = Snapshot::default();
    let plan = of_model(model, &mut History::new(&before, false));
    emit(&plan).unwrap_or_else(|error| panic!("{error}"))
}

/// Files that msarch makes, without the vendored runtime: what it is, its own formatting holds.
fn made(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.iter()
        .filter(|(path, _)| !path.starts_with("crates/runtime/") && *path != "Cargo.lock")
        .filter_map(|(path, file)| Some((path, std::str::from_utf8(&file.contents).ok()?)))
}

fn write(tree: &Tree, folder: &Path) -> Vec<PathBuf> {
    let rust = made(tree).filter(|(path, _)| path.ends_with(".rs"));
    rust.map(|(path, text)| {
        let at = folder.join(path);
        std::fs::create_dir_all(at.parent().expect("a file is in a folder"))
            .expect("a folder can be made");
        std::fs::write(&at, text).expect("a file can be written");
        at
    })
    .collect()
}

fn is_rustfmt_here() -> bool {
    let here = Command::new("rustfmt").arg("--version").output().is_ok();
    let required = std::env::var_os("MSARCH_REQUIRE_RUSTFMT").is_some();
    assert!(here || !required, "rustfmt is not installed");
    if !here {
        println!("rustfmt is not installed: NOT CHECKED");
    }
    here
}

/// Fails with what rustfmt would change.
fn assert_formatted(trees: impl Iterator<Item = Tree>) {
    if !is_rustfmt_here() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the files");
    let mut files = Vec::new();
    for (place, tree) in trees.enumerate() {
        files.extend(write(&tree, &folder.path().join(place.to_string())));
    }
    assert!(!files.is_empty());
    for some in files.chunks(500) {
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--edition", "2024", "--check"]).args(some);
        let output = rustfmt.output().expect("rustfmt is here");
        let (said, complaints) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        let said: String = said.lines().take(60).collect::<Vec<_>>().join("\n");
        assert!(output.status.success(), "{said}\n{complaints}");
    }
}

/// An architecture whose names all have a length.
fn named(length: usize) -> String {
    let name = |first: char| {
        let mut name = first.to_string();
        while name.len() < length {
            name.push(if name.len() % 9 == 7 { 'x' } else { 'o' });
        }
        name
    };
    let pascal = |first: char| name(first.to_ascii_uppercase());
    let (service, callee, team) = (name('s'), name('c'), name('t'));
    let (things, others, field, word) = (name('g'), name('h'), name('f'), name('w'));
    let (amount, text) = (name('a'), name('b'));
    let (event, post, list, read) = (pascal('e'), name('p'), name('l'), name('r'));
    format!(
        "msarch: 1
name: drawn
teams: {{{team}: {{size: 7}}}}
services:
  {callee}:
    bounded_context: one
    team_ownership: {team}
    data_ownership:
      {others}: {{fields: {{{field}: \"{word} | z\", {amount}: decimal?, {text}: {{type: string, max_length: 40}}}}}}
    endpoints:
      {post}: {{method: POST, path: /{others}, emits: {{event: {event}, values: {{{field}: $record.id}}}}}}
      {list}: {{method: GET, path: /{others}}}
      {read}: {{method: GET, path: \"/{others}/{{id}}\"}}
  {service}:
    bounded_context: two
    team_ownership: {team}
    data_ownership:
      {things}: {{fields: {{{field}: uuid, {word}: ISO8601}}}}
    calls: [{{to: {callee}, operations: [{read}], timeout: 1s}}]
events:
  {event}:
    schema: {{{field}: uuid, {word}: ISO8601}}
    producers: [{callee}]
    consumers:
      - service: {service}
        effects: [{{create: {things}, values: {{{field}: $event.{field}, {word}: $event.{word}}}}}]
"
    )
}

#[test]
fn every_architecture_of_ours_is_laid_out_as_rustfmt_leaves_it() {
    assert_formatted(ALL.iter().map(|path| tree(&model_of(path))));
}

#[test]
fn architectures_drawn_at_random_are_laid_out_as_rustfmt_leaves_them() {
    assert_formatted(
        (0..24).map(|seed| tree(&model_of_text(&support::random::architecture(seed)))),
    );
}

#[test]
fn names_of_every_length_are_laid_out_as_rustfmt_leaves_them() {
    assert_formatted((1..=40).map(|length| tree(&model_of_text(&named(length)))));
}

#[test]
fn no_line_ends_in_a_blank_and_every_file_ends_in_one_line_end() {
    for path in ALL {
        let tree = tree(&model_of(path));
        for (path, text) in made(&tree).filter(|(_, text)| !text.is_empty()) {
            let blank = text.lines().position(|line| line.ends_with([' ', '\t']));
            assert_eq!(blank.map(|line| line + 1), None, "{path}");
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path}");
        }
    }
}
