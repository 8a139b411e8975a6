//! A new folder is there as a whole, or not at all.

use super::kills::{DyingDisk, Hit};
use super::*;
use crate::emit::tree::Kind::Scaffolded;

fn system() -> Tree {
    tree(&[
        (".github/workflows/check.yml", Scaffolded, "on: push\n"),
        (".gitignore", Scaffolded, "/target\n"),
        ("architecture.yaml", Scaffolded, "name: shop\n"),
    ])
}

fn make(root: &Path) -> Result<(), WriteError> {
    create(root, &system(), &DyingDisk::immortal())
}

#[test]
fn a_folder_that_does_not_exist_is_made_with_those_above_it() {
    let out = Out::new();
    make(&out.root().join("a/b")).unwrap();
    assert_eq!(out.read("a/b/architecture.yaml"), "name: shop\n");
    assert_eq!(names_in(&out.root().join("a")), ["b"]);
}

#[test]
fn an_empty_folder_is_filled_and_a_fresh_repository_counts_as_empty() {
    let out = Out::new();
    out.put(".git/HEAD", "ref: refs/heads/main\n");
    make(out.root()).unwrap();
    assert_eq!(out.read(".github/workflows/check.yml"), "on: push\n");
    assert_eq!(
        names_in(out.root()),
        [".git", ".github", ".gitignore", "architecture.yaml"]
    );
}

#[test]
fn a_folder_that_holds_something_is_refused_and_left_alone() {
    let out = Out::new();
    out.put("notes.txt", "mine\n");
    let error = make(out.root()).unwrap_err().to_string();
    assert!(
        error.contains("not empty") && error.contains("`notes.txt`"),
        "{error}"
    );
    assert_eq!(names_in(out.root()), ["notes.txt"]);
}

#[test]
fn an_edited_file_of_the_same_name_is_never_taken_for_a_leftover() {
    let out = Out::new();
    out.put("architecture.yaml", "name: mine\n");
    assert!(matches!(make(out.root()), Err(WriteError::NotEmpty { .. })));
    assert_eq!(out.read("architecture.yaml"), "name: mine\n");
}

#[test]
fn a_folder_that_was_made_before_is_not_made_again() {
    let out = Out::new();
    make(out.root()).unwrap();
    assert!(matches!(make(out.root()), Err(WriteError::NotEmpty { .. })));
}

#[test]
fn what_a_killed_run_left_aside_is_cleared_away() {
    let out = Out::new();
    out.put("shop/.msarch-new/half", "h");
    out.put(".other.msarch-new/half", "h");
    make(&out.root().join("shop")).unwrap();
    make(&out.root().join("other")).unwrap();
    assert_eq!(names_in(out.root()), ["other", "shop"]);
    assert!(!out.has("shop/.msarch-new") && !out.has("other/half"));
}

#[test]
fn a_file_in_the_place_of_the_folder_is_refused() {
    let out = Out::new();
    out.put("shop", "mine\n");
    assert!(matches!(
        make(&out.root().join("shop")),
        Err(WriteError::Taken(_))
    ));
}

#[test]
fn a_run_that_is_killed_anywhere_leaves_nothing_or_is_completed_by_the_next() {
    for existing in [false, true] {
        for hit in [Hit::Before, Hit::Midway, Hit::After] {
            let lived = (0..40).find(|operations| {
                let out = Out::new();
                let root = out.root().join("shop");
                if existing {
                    fs::create_dir(&root).unwrap();
                }
                let done = create(&root, &system(), &DyingDisk::new(*operations, hit)).is_ok();
                assert!(
                    existing || !root.exists() || root.join("architecture.yaml").exists(),
                    "half a folder after {operations} operations, {hit:?}"
                );
                if !done && (existing || !root.exists()) {
                    make(&root).unwrap();
                }
                assert_eq!(
                    names_in(&root),
                    [".github", ".gitignore", "architecture.yaml"]
                );
                done
            });
            assert!(lived.is_some_and(|operations| operations > 5));
        }
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    super::super::folder::names_in(folder).unwrap()
}
