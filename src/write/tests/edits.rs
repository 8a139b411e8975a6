//! What becomes of what a person wrote.

use super::*;
use crate::emit::tree::Kind::{Frozen, Generated, Scaffolded, Seeded};

const OLD: &str = "one\ntwo\nthree\nfour\nfive\n";
const NEW: &str = "one\ntwo\nthree\nfour\nFIVE\n";
const EDITED: &str = "mine\none\ntwo\nthree\nfour\nfive\n";

#[test]
fn a_first_run_creates_every_file_and_a_second_writes_nothing() {
    let out = Out::new();
    let tree = tree(&[
        ("a", Generated, "1"),
        ("b/c", Scaffolded, "2"),
        ("b/d", Frozen, "3"),
        ("Cargo.lock", Seeded, "4"),
    ]);
    assert_eq!(
        out.generate(&tree),
        ["create Cargo.lock", "create a", "create b/c", "create b/d"]
    );
    let previous = Previous::read(out.root(), false).unwrap();
    let changes = plan(&previous, &tree, &Options::default()).unwrap();
    assert!(changes.is_noop() && changes.is_clean());
    assert_eq!(changes.summary(), "nothing to do");
}

#[test]
fn an_unedited_generated_file_is_updated() {
    let out = Out::new();
    out.generate(&generated(&[("a", OLD), ("b", "same")]));
    assert_eq!(
        out.generate(&generated(&[("a", NEW), ("b", "same")])),
        ["update a"]
    );
    assert_eq!(out.read("a"), NEW);
}

#[test]
fn an_edited_generated_file_refuses_the_whole_run_and_shows_what_would_be_lost() {
    let out = Out::new();
    out.generate(&generated(&[("a", OLD), ("b", "1")]));
    out.put("a", EDITED);
    let before = out.snapshot();
    let tree = generated(&[("a", NEW), ("b", "2")]);
    let previous = Previous::read(out.root(), false).unwrap();
    let changes = plan(&previous, &tree, &Options::default()).unwrap();
    assert!(
        changes.refused_diff().contains("-mine\n"),
        "{}",
        changes.refused_diff()
    );
    let error = changes.apply(&RealDisk).unwrap_err().to_string();
    assert!(
        error.contains("a: generated, and edited by hand")
            && error.contains("run `msarch generate` with `--merge`"),
        "{error}"
    );
    assert_eq!(out.snapshot(), before);
}

#[test]
fn an_edit_is_refused_even_if_the_architecture_did_not_change() {
    let out = Out::new();
    out.generate(&generated(&[("a", OLD)]));
    out.put("a", EDITED);
    assert!(matches!(
        out.run(&generated(&[("a", OLD)]), Mode::Refuse),
        Err(WriteError::Refused(_))
    ));
}

#[test]
fn a_merge_keeps_the_edit_and_takes_the_new_contents() {
    let out = Out::new();
    out.generate(&generated(&[("a", OLD)]));
    out.put("a", EDITED);
    assert_eq!(
        out.run(&generated(&[("a", NEW)]), Mode::Merge).unwrap(),
        ["merge a"]
    );
    assert_eq!(out.read("a"), format!("mine\n{NEW}"));
}

#[test]
fn a_merged_edit_is_settled_until_it_changes_again() {
    let out = Out::new();
    out.generate(&generated(&[("a", OLD)]));
    out.put("a", EDITED);
    let tree = generated(&[("a", NEW)]);
    out.run(&tree, Mode::Merge).unwrap();
    let previous = Previous::read(out.root(), false).unwrap();
    let changes = plan(&previous, &tree, &Options::default()).unwrap();
    assert!(changes.is_noop() && changes.is_clean());
    out.put("a", "other\n");
    assert!(out.run(&tree, Mode::Refuse).is_err());
}

#[test]
fn a_settled_edit_is_merged_again_when_the_render_changes() {
    let out = Out::new();
    out.generate(&generated(&[("a", OLD)]));
    out.put("a", EDITED);
    assert_eq!(
        out.run(&generated(&[("a", OLD)]), Mode::Merge).unwrap(),
        ["adopt a"]
    );
    assert_eq!(
        out.run(&generated(&[("a", NEW)]), Mode::Merge).unwrap(),
        ["merge a"]
    );
    assert_eq!(out.read("a"), format!("mine\n{NEW}"));
}

#[test]
fn both_sides_of_the_same_line_are_left_between_markers() {
    let out = Out::new();
    out.generate(&generated(&[("a", OLD)]));
    out.put("a", &OLD.replace("five", "5"));
    assert_eq!(
        out.run(&generated(&[("a", NEW)]), Mode::Merge).unwrap(),
        ["conflict a"]
    );
    assert!(
        out.read("a")
            .ends_with("<<<<<<< ours\n5\n=======\nFIVE\n>>>>>>> theirs\n")
    );
}

#[test]
fn conflict_markers_stay_a_conflict_until_they_are_resolved() {
    let out = Out::new();
    let tree = generated(&[("a", NEW)]);
    out.generate(&generated(&[("a", OLD)]));
    out.put("a", &OLD.replace("five", "5"));
    out.run(&tree, Mode::Merge).unwrap();
    for mode in [Mode::Refuse, Mode::Merge] {
        let previous = Previous::read(out.root(), false).unwrap();
        let changes = plan(
            &previous,
            &tree,
            &Options {
                mode,
                ..Options::default()
            },
        )
        .unwrap();
        assert_eq!(changes.conflicts().count(), 1);
        assert!(changes.is_noop() && !changes.is_clean());
    }
    assert!(
        out.run(&generated(&[("a", "newer\n")]), Mode::Merge)
            .is_err(),
        "markers are never merged into"
    );
    out.put("a", &OLD.replace("five", "5 and FIVE"));
    assert_eq!(out.generate(&tree), ["adopt a"]);
    assert_eq!(out.read("a"), OLD.replace("five", "5 and FIVE"));
    assert!(out.generate(&tree).iter().all(|line| line == "keep a"));
}

#[test]
fn force_overwrites_and_keeps_every_edit_beside() {
    let out = Out::new();
    out.generate(&generated(&[("a", OLD)]));
    for (edit, saved) in [("first", "a.orig"), ("second", "a.orig.1")] {
        out.put("a", edit);
        assert_eq!(
            out.run(&generated(&[("a", NEW)]), Mode::Force).unwrap(),
            ["overwrite a"]
        );
        assert_eq!(
            (out.read("a").as_str(), out.read(saved).as_str()),
            (NEW, edit)
        );
    }
    assert_eq!(out.read("a.orig"), "first");
}

#[test]
fn a_scaffolded_file_is_never_changed_again() {
    let out = Out::new();
    out.generate(&tree(&[("a", Scaffolded, "1"), ("b", Scaffolded, "1")]));
    out.put("a", "mine");
    for mode in [Mode::Refuse, Mode::Merge, Mode::Force] {
        assert!(
            out.run(
                &tree(&[("a", Scaffolded, "2"), ("b", Scaffolded, "2")]),
                mode
            )
            .unwrap()
            .is_empty()
        );
    }
    assert_eq!(
        (out.read("a").as_str(), out.read("b").as_str()),
        ("mine", "1")
    );
}

#[test]
fn a_deleted_scaffold_that_is_still_named_is_made_again_with_a_notice() {
    let out = Out::new();
    let tree = tree(&[("a", Scaffolded, "1")]);
    out.generate(&tree);
    out.delete("a");
    let previous = Previous::read(out.root(), false).unwrap();
    let changes = plan(&previous, &tree, &Options::default()).unwrap();
    assert_eq!(changes.notices().count(), 1);
    changes.apply(&RealDisk).unwrap();
    assert_eq!(out.read("a"), "1");
}

#[test]
fn a_scaffold_never_takes_the_place_of_what_was_there() {
    let out = Out::new();
    out.put("README.md", "mine");
    assert_eq!(
        out.generate(&tree(&[("README.md", Scaffolded, "ours")])),
        ["keep README.md"]
    );
    assert_eq!(
        out.generate(&generated(&[("x", "1")])),
        ["keep README.md", "create x"]
    );
    assert_eq!(out.read("README.md"), "mine");
}

#[test]
fn a_frozen_file_is_never_rewritten_and_its_edit_is_refused_in_every_mode_but_force() {
    let out = Out::new();
    out.generate(&tree(&[("1.sql", Frozen, "create")]));
    assert!(
        out.generate(&tree(&[("1.sql", Frozen, "rendered otherwise")]))
            .is_empty()
    );
    out.put("1.sql", "create, edited");
    for mode in [Mode::Refuse, Mode::Merge] {
        let error = out
            .run(&tree(&[("1.sql", Frozen, "create")]), mode)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("1.sql: frozen, and edited by hand"),
            "{error}"
        );
    }
    out.run(
        &tree(&[("1.sql", Frozen, "rendered otherwise")]),
        Mode::Force,
    )
    .unwrap();
    assert_eq!(
        (out.read("1.sql").as_str(), out.read("1.sql.orig").as_str()),
        ("create", "create, edited")
    );
}

#[test]
fn frozen_files_that_are_not_rendered_again_stay_while_their_folder_is_wanted() {
    let out = Out::new();
    out.generate(&tree(&[("m/1.sql", Frozen, "1")]));
    let mut later = tree(&[("m/2.sql", Frozen, "2")]);
    later.keep_frozen_under("m");
    assert_eq!(out.generate(&later), ["create m/2.sql"]);
    out.delete("m/1.sql");
    assert_eq!(out.generate(&later), ["restore m/1.sql"]);
    out.put("m/1.sql", "edited");
    assert!(out.run(&later, Mode::Merge).is_err());
    assert_eq!(
        out.run(&generated(&[("m/2.sql", "2")]), Mode::Refuse)
            .unwrap(),
        ["keep m/1.sql"]
    );
}

#[test]
fn a_seeded_file_belongs_to_others_once_it_is_there() {
    let out = Out::new();
    let tree = tree(&[("Cargo.lock", Seeded, "seed")]);
    out.generate(&tree);
    out.put("Cargo.lock", "cargo's");
    let previous = Previous::read(out.root(), false).unwrap();
    let changes = plan(&previous, &tree, &Options::default()).unwrap();
    assert!(changes.is_clean() && changes.is_noop());
}

#[test]
fn what_was_dropped_is_removed_if_untouched_and_kept_with_a_notice_if_not() {
    let out = Out::new();
    out.generate(&tree(&[
        ("s/a/x", Generated, "1"),
        ("s/a/y", Scaffolded, "2"),
        ("s/b/z", Scaffolded, "3"),
        ("k", Generated, "4"),
    ]));
    out.put("s/b/z", "mine");
    assert_eq!(
        out.generate(&generated(&[("k", "4")])),
        ["remove s/a/x", "remove s/a/y", "keep s/b/z"]
    );
    assert!(!out.has("s/a") && out.read("s/b/z") == "mine");
    assert!(out.generate(&generated(&[("k", "4")])).is_empty());
}

#[test]
fn only_some_services_are_written_and_the_rest_of_the_lock_stays() {
    let out = Out::new();
    out.generate(&generated(&[
        ("s/a/x", "1"),
        ("s/ab/x", "1"),
        ("Cargo.toml", "1"),
    ]));
    let options = Options {
        only: Some(vec!["s/a".into()]),
        ..Options::default()
    };
    let tree = generated(&[("s/a/x", "2"), ("s/ab/x", "2")]);
    assert_eq!(
        out.run_with(&tree, &options, false).unwrap(),
        ["update s/a/x"]
    );
    assert_eq!(out.generate(&tree), ["remove Cargo.toml", "update s/ab/x"]);
}

#[test]
fn a_rename_carries_the_users_code_along() {
    let out = Out::new();
    out.generate(&tree(&[
        ("s/old/main", Generated, "old"),
        ("s/old/h", Scaffolded, "use old;\n\nfn h() {}\n"),
        ("s/old/i", Scaffolded, "use old;\n"),
    ]));
    out.put("s/old/h", "use old;\n\nfn h() {}\nfn mine() {}\n");
    out.put("s/old/own", "mine");
    let mut renamed = tree(&[
        ("s/new/main", Generated, "new"),
        ("s/new/h", Scaffolded, "use new;\n\nfn h() {}\n"),
        ("s/new/i", Scaffolded, "use new;\n"),
    ]);
    renamed.moved("s/old", "s/new").unwrap();
    assert_eq!(
        out.generate(&renamed),
        [
            "move s/old",
            "merge s/new/h",
            "update s/new/i",
            "update s/new/main"
        ]
    );
    assert_eq!(out.read("s/new/h"), "use new;\n\nfn h() {}\nfn mine() {}\n");
    assert_eq!(out.read("s/new/own"), "mine");
    assert!(!out.has("s/old"));
    assert!(
        out.generate(&renamed).is_empty(),
        "the rename may stay in the file"
    );
}

#[cfg(unix)]
#[test]
fn a_script_can_be_run_and_is_mended_if_it_lost_that() {
    use std::os::unix::fs::PermissionsExt;
    let out = Out::new();
    let mut tree = Tree::new();
    tree.insert("run", File::generated("#!/bin/sh\n").executable())
        .unwrap();
    out.generate(&tree);
    let place = out.root().join("run");
    assert_eq!(
        fs::metadata(&place).unwrap().permissions().mode() & 0o111,
        0o111 & fs::metadata(&place).unwrap().permissions().mode()
    );
    fs::set_permissions(&place, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(out.generate(&tree), ["update run"]);
    assert_ne!(
        fs::metadata(&place).unwrap().permissions().mode() & 0o100,
        0
    );
}

#[test]
fn a_rename_that_is_generated_alone_leaves_the_rest_of_the_lock() {
    let out = Out::new();
    out.generate(&generated(&[("s/old/a", "1"), ("k", "1")]));
    let mut renamed = generated(&[("s/new/a", "2"), ("k", "2")]);
    renamed.moved("s/old", "s/new").unwrap();
    let options = Options {
        only: Some(vec!["s/new".into()]),
        ..Options::default()
    };
    assert_eq!(
        out.run_with(&renamed, &options, false).unwrap(),
        ["move s/old", "update s/new/a"]
    );
    assert!(!out.read(".msarch/lock").contains("s/old/a"));
    assert_eq!(out.generate(&renamed), ["update k"]);
}

#[test]
fn an_edited_scaffold_that_does_not_merge_after_a_rename_stays_as_it_is() {
    let out = Out::new();
    out.generate(&tree(&[("old/h", Scaffolded, "use old;\n")]));
    out.put("old/h", "use old::mine;\n");
    let mut renamed = tree(&[("new/h", Scaffolded, "use new;\n")]);
    renamed.moved("old", "new").unwrap();
    assert_eq!(out.generate(&renamed), ["move old", "keep new/h"]);
    assert_eq!(out.read("new/h"), "use old::mine;\n");
}
