//! Random trees, random edits, random kills, in any order: every line of the user's survives.

use proptest::prelude::*;

use super::kills::{DyingDisk, Hit, run_dying, user_lines};
use super::*;

const PATHS: [&str; 8] = ["a", "b/c", "b/d", "e/f/g", "e/f/h", "e/i", "x/y", "x/z"];

#[derive(Debug, Clone)]
enum Step {
    /// The architecture changes; the run may be killed.
    Generate {
        files: Vec<(usize, Kind, u8)>,
        mode: Mode,
        kill: Option<(usize, Hit)>,
    },
    /// A person inserts a line of their own.
    Insert { path: usize, at: usize },
    /// A person deletes a line that msarch wrote.
    Cut { path: usize, at: usize },
    /// A person adds a file.
    Own { name: usize },
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![4 => Just(Kind::Generated), 3 => Just(Kind::Scaffolded), 1 => Just(Kind::Seeded)]
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Refuse), Just(Mode::Merge), Just(Mode::Force)]
}

fn hit() -> impl Strategy<Value = Hit> {
    prop_oneof![Just(Hit::Before), Just(Hit::Midway), Just(Hit::After)]
}

fn step() -> impl Strategy<Value = Step> {
    let files = proptest::collection::vec((0..PATHS.len(), kind(), 0..4_u8), 0..8);
    prop_oneof![
        4 => (files, mode(), proptest::option::of((0..40_usize, hit()))).prop_map(|(files, mode, kill)| Step::Generate { files, mode, kill }),
        3 => (0..PATHS.len(), 0..8_usize).prop_map(|(path, at)| Step::Insert { path, at }),
        1 => (0..PATHS.len(), 0..8_usize).prop_map(|(path, at)| Step::Cut { path, at }),
        1 => (0..PATHS.len()).prop_map(|name| Step::Own { name }),
    ]
}

fn render(path: &str, version: u8) -> String {
    (0..6)
        .map(|line| {
            if line % 3 == version % 3 {
                format!("{path} {line} v{version}\n")
            } else {
                format!("{path} {line}\n")
            }
        })
        .collect()
}

fn tree_of(files: &[(usize, Kind, u8)]) -> Tree {
    let mut tree = Tree::new();
    for (path, kind, version) in files {
        let path = PATHS[*path];
        let _taken = tree.insert(path, File::new(*kind, render(path, *version)));
    }
    tree
}

fn lines_of(out: &Out, path: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(out.root().join(path)).ok()?;
    Some(text.lines().map(str::to_owned).collect())
}

fn perform(out: &Out, step: &Step, number: usize) {
    match step {
        Step::Generate { files, mode, kill } => {
            let (operations, hit) = kill.unwrap_or((usize::MAX, Hit::Before));
            run_dying(
                out,
                &tree_of(files),
                *mode,
                &DyingDisk::new(operations, hit),
            );
        }
        Step::Insert { path, at } => {
            if let Some(mut lines) = lines_of(out, PATHS[*path]) {
                lines.insert((*at).min(lines.len()), format!("USER {number}"));
                out.put(PATHS[*path], &(lines.join("\n") + "\n"));
            }
        }
        Step::Cut { path, at } => {
            if let Some(mut lines) = lines_of(out, PATHS[*path]) {
                if *at < lines.len() && !lines[*at].contains("USER") {
                    lines.remove(*at);
                }
                out.put(PATHS[*path], &(lines.join("\n") + "\n"));
            }
        }
        Step::Own { name } => out.put(
            &format!("{}.own", PATHS[*name]),
            &format!("USER {number}\n"),
        ),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_of_the_users_is_ever_lost(steps in proptest::collection::vec(step(), 1..12)) {
        let out = Out::new();
        out.put("architecture.yaml", "x");
        for (number, step) in steps.iter().enumerate() {
            let before = user_lines(&out);
            perform(&out, step, number);
            let after = user_lines(&out);
            for line in before.keys().filter(|_| matches!(step, Step::Generate { .. })) {
                prop_assert!(after.contains_key(line), "{line} was lost by step {number}");
            }
        }
    }

    #[test]
    fn whatever_was_killed_a_run_that_is_not_refused_ends_where_a_fresh_one_would(
        steps in proptest::collection::vec(proptest::collection::vec((0..PATHS.len(), Just(Kind::Generated), 0..4_u8), 0..8), 1..4),
        kills in proptest::collection::vec((0..40_usize, hit()), 4),
    ) {
        let out = Out::new();
        for (files, (operations, hit)) in steps.iter().zip(&kills) {
            run_dying(&out, &tree_of(files), Mode::Refuse, &DyingDisk::new(*operations, *hit));
        }
        let last = tree_of(steps.last().unwrap());
        out.generate(&last);
        let fresh = Out::new();
        fresh.generate(&last);
        prop_assert_eq!(out.snapshot(), fresh.snapshot());
        prop_assert!(out.generate(&last).is_empty());
    }
}
