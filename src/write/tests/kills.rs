//! A process that is killed at any operation: the next run completes, and no line of the user's is missing.

use std::cell::Cell;
use std::io;

use super::*;
use crate::emit::tree::Kind::{Frozen, Generated, Scaffolded};

/// How an operation is hit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Hit {
    Before,
    /// Half of a file's contents are there.
    Midway,
    After,
}

/// A disk whose process is killed at one operation.
pub(super) struct DyingDisk {
    left: Cell<usize>,
    hit: Hit,
}

impl DyingDisk {
    pub(super) fn new(operations: usize, hit: Hit) -> Self {
        Self {
            left: Cell::new(operations),
            hit,
        }
    }

    /// One that never dies, and is spared the wait for the platter.
    pub(super) fn immortal() -> Self {
        Self::new(usize::MAX, Hit::Before)
    }

    fn step(
        &self,
        half: impl FnOnce() -> io::Result<()>,
        whole: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                whole()
            }
            None => {
                match self.hit {
                    Hit::Before => {}
                    Hit::Midway => half()?,
                    Hit::After => whole()?,
                }
                Err(io::Error::other("killed"))
            }
        }
    }
}

impl Disk for DyingDisk {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.step(|| Ok(()), || RealDisk.make_folder(path))
    }

    fn write_new(
        &self,
        path: &Path,
        contents: &[u8],
        executable: bool,
        _durable: bool,
    ) -> io::Result<()> {
        self.step(
            || RealDisk.write_new(path, &contents[..contents.len() / 2], executable, false),
            || RealDisk.write_new(path, contents, executable, false),
        )
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|| Ok(()), || RealDisk.rename(from, to))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step(|| Ok(()), || RealDisk.remove_file(path))
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        // Removing a folder is a courtesy whose failure is ignored, so a kill there is tested by the next step.
        RealDisk.remove_folder(path)
    }
}

/// Runs on a disk that dies; true if it lived.
pub(super) fn run_dying(out: &Out, tree: &Tree, mode: Mode, disk: &DyingDisk) -> bool {
    let previous = Previous::read(out.root(), false).unwrap();
    let options = Options {
        mode,
        inputs: vec![out.root().join("architecture.yaml")],
        ..Options::default()
    };
    plan(&previous, tree, &options).unwrap().apply(disk).is_ok()
}

struct Scenario {
    name: &'static str,
    first: Tree,
    /// What a person does after the first run.
    edit: fn(&Out),
    second: Tree,
    mode: Mode,
}

fn first() -> Tree {
    tree(&[
        ("a", Generated, "1\n2\n3\n4\n5\n"),
        ("b/gone", Generated, "g\n"),
        ("b/kept", Scaffolded, "k\n"),
        ("c/g", Generated, "1\n2\n3\n"),
        ("c/h", Scaffolded, "h\n"),
        ("m/1.sql", Frozen, "one\n"),
        ("near", Generated, "1\n"),
        ("swap", Generated, "file\n"),
    ])
}

fn second() -> Tree {
    tree(&[
        ("a", Generated, "1\n2\n3\n4\nfive\n"),
        ("c/h", Scaffolded, "h2\n"),
        ("d/new", Generated, "d\n"),
        ("m/1.sql", Frozen, "one\n"),
        ("m/2.sql", Frozen, "two\n"),
        ("near", Generated, "1\nnew 1\nnew 2\nnew 3\nnew 4\n"),
        ("swap/x", Generated, "folder\n"),
    ])
}

fn renamed() -> Tree {
    let mut tree = tree(&[
        ("a", Generated, "1\n2\n3\n4\n5\n"),
        ("z/g", Generated, "1\n2\nthree\n"),
        ("z/h", Scaffolded, "h9\n"),
        ("z/new", Generated, "n\n"),
    ]);
    tree.moved("c", "z").unwrap();
    tree
}

/// Writes files, as a person does.
fn put_all(out: &Out, files: &[(&str, &str)]) {
    for (path, text) in files {
        out.put(path, text);
    }
}

fn scenarios() -> Vec<Scenario> {
    let scenario = |name, mode, second, edit| Scenario {
        name,
        first: first(),
        edit,
        second,
        mode,
    };
    vec![
        scenario("nothing edited", Mode::Refuse, second(), |_| {}),
        scenario("scaffolds edited", Mode::Refuse, second(), |out| {
            put_all(out, &[("b/kept", "USER k\n"), ("c/h", "USER h\n")]);
        }),
        scenario("a clean merge", Mode::Merge, second(), |out| {
            out.put("a", "USER 0\n1\n2\n3\n4\n5\n");
        }),
        scenario("a conflict", Mode::Merge, second(), |out| {
            out.put("a", "1\n2\n3\n4\nUSER 5\n")
        }),
        scenario(
            "an edit that is nearer to the new render",
            Mode::Merge,
            second(),
            |out| {
                out.put("near", "1\nnew 1\nnew 2\nnew 3\nUSER\n");
            },
        ),
        scenario("force", Mode::Force, second(), |out| {
            put_all(out, &[("a", "USER a\n"), ("m/1.sql", "USER one\n")]);
        }),
        scenario("a rename", Mode::Refuse, renamed(), |out| {
            put_all(out, &[("c/h", "USER h\n"), ("c/own", "USER own\n")]);
        }),
        scenario("a rename with a merge", Mode::Merge, renamed(), |out| {
            put_all(out, &[("c/g", "USER\n1\n2\n3\n"), ("c/own", "USER own\n")]);
        }),
        scenario("a first run", Mode::Refuse, second(), |out| {
            fs::remove_dir_all(out.root()).unwrap();
            fs::create_dir(out.root()).unwrap();
        }),
    ]
}

fn prepared(scenario: &Scenario) -> Out {
    let out = Out::new();
    out.generate(&scenario.first);
    (scenario.edit)(&out);
    out
}

/// The lines that a person wrote, wherever they are.
pub(super) fn user_lines(out: &Out) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    for (path, contents) in out.snapshot() {
        if path.starts_with(".msarch") {
            continue;
        }
        for line in String::from_utf8_lossy(&contents)
            .lines()
            .filter(|line| line.contains("USER"))
        {
            *lines.entry(line.to_owned()).or_insert(0) += 1;
        }
    }
    lines
}

#[test]
fn a_kill_at_any_operation_costs_nothing_and_the_next_run_completes() {
    for scenario in scenarios() {
        let wanted = {
            let out = prepared(&scenario);
            assert!(run_dying(
                &out,
                &scenario.second,
                scenario.mode,
                &DyingDisk::new(usize::MAX, Hit::Before)
            ));
            out.snapshot()
        };
        for hit in [Hit::Before, Hit::Midway, Hit::After] {
            for operations in 0.. {
                let out = prepared(&scenario);
                let users = user_lines(&out);
                let name = format!("{}, killed {hit:?} operation {operations}", scenario.name);
                let lived = run_dying(
                    &out,
                    &scenario.second,
                    scenario.mode,
                    &DyingDisk::new(operations, hit),
                );
                assert_eq!(user_lines(&out), users, "{name}");
                out.run(&scenario.second, scenario.mode)
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(out.snapshot(), wanted, "{name}");
                if lived {
                    assert!(operations > 5, "{name}: the disk was never hit");
                    break;
                }
            }
        }
    }
}

/// A folder in which the second run was killed after some operations.
fn killed(first: &Tree, second: &Tree, operations: usize) -> Out {
    killed_after(first, |_| {}, second, Mode::Refuse, operations)
}

/// The same after an edit.
fn killed_after(
    first: &Tree,
    edit: impl Fn(&Out),
    second: &Tree,
    mode: Mode,
    operations: usize,
) -> Out {
    let out = Out::new();
    out.generate(first);
    edit(&out);
    run_dying(&out, second, mode, &DyingDisk::new(operations, Hit::After));
    out
}

#[test]
fn after_a_kill_the_architecture_may_change_again_without_a_false_alarm() {
    let (first, second, third) = (
        generated(&[("a", "1"), ("b", "1")]),
        generated(&[("a", "2"), ("b", "2"), ("c", "2")]),
        generated(&[("a", "3"), ("b", "3")]),
    );
    for one in 0..40 {
        for two in [0, 3, 7, 9, 11, 13, 40] {
            let out = killed(&first, &second, one);
            run_dying(&out, &third, Mode::Refuse, &DyingDisk::new(two, Hit::After));
            out.generate(&first);
            let clean = Out::new();
            clean.generate(&first);
            assert_eq!(
                out.snapshot(),
                clean.snapshot(),
                "killed at {one}, then at {two}"
            );
        }
    }
}

#[test]
fn an_edit_made_after_a_kill_is_an_edit() {
    let (first, second) = (
        generated(&[("a", "1\n2\n3\n")]),
        generated(&[("a", "1\n2\nthree\n")]),
    );
    for operations in 0..20 {
        let out = killed(&first, &second, operations);
        out.put("a", &format!("USER\n{}", out.read("a")));
        assert!(out.run(&second, Mode::Refuse).is_err());
        out.run(&second, Mode::Merge).unwrap();
        assert_eq!(
            out.read("a"),
            "USER\n1\n2\nthree\n",
            "killed at {operations}"
        );
    }
}

#[test]
fn a_killed_run_of_everything_is_not_forgotten_by_a_run_of_one_service() {
    let (first, second) = (
        generated(&[("a/x", "1"), ("b/x", "1")]),
        generated(&[("a/x", "2"), ("b/x", "2")]),
    );
    let only = Options {
        only: Some(vec!["a".into()]),
        ..Options::default()
    };
    for operations in 0..25 {
        let out = killed(&first, &second, operations);
        out.run_with(&generated(&[("a/x", "3"), ("b/x", "3")]), &only, false)
            .unwrap();
        out.generate(&generated(&[("a/x", "4"), ("b/x", "4")]));
        assert_eq!(
            (out.read("a/x").as_str(), out.read("b/x").as_str()),
            ("4", "4"),
            "killed at {operations}"
        );
    }
}

#[test]
fn an_edit_made_after_a_killed_merge_does_not_pass_for_its_resolution() {
    let (first, second) = (
        generated(&[("a", "1\n2\n3\n")]),
        generated(&[("a", "1\n2\nthree\n")]),
    );
    for operations in 0..20 {
        let edit = |out: &Out| out.put("a", "1\n2\nUSER 3\n");
        let out = killed_after(&first, edit, &second, Mode::Merge, operations);
        if !out.read("a").contains("<<<<<<<") {
            out.put("a", &format!("USER 0\n{}", out.read("a")));
            assert!(
                out.run(&second, Mode::Refuse).is_err(),
                "killed at {operations}"
            );
        }
        out.run(&second, Mode::Merge).unwrap();
        assert!(
            out.read("a")
                .contains("<<<<<<< ours\nUSER 3\n=======\nthree\n"),
            "killed at {operations}"
        );
    }
}
