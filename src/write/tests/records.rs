//! The lock and the rest of `.msarch`, as users and Git treat them.

use super::*;

#[test]
fn the_same_tree_gives_the_same_lock_in_whatever_order_it_came_about() {
    let (left, right) = (Out::new(), Out::new());
    let whole = generated(&[("a", "1"), ("b", "2")]);
    left.generate(&whole);
    right.generate(&generated(&[("b", "0"), ("c", "3")]));
    right.generate(&whole);
    assert_eq!(left.snapshot(), right.snapshot());
}

#[test]
fn a_lock_with_conflict_markers_names_the_option_that_mends_it() {
    let out = Out::new();
    let tree = generated(&[("a", "1")]);
    out.generate(&tree);
    let lock = out.read(".msarch/lock");
    out.put(
        ".msarch/lock",
        &format!("<<<<<<< HEAD\n{lock}=======\n>>>>>>> topic\n"),
    );
    let error = Previous::read(out.root(), false).unwrap_err().to_string();
    assert!(
        error.contains("line 1") && error.contains("--rebuild-lock"),
        "{error}"
    );
    assert!(
        out.run_with(&tree, &Options::default(), true)
            .unwrap()
            .is_empty()
    );
    assert_eq!(out.read(".msarch/lock"), lock);
}

#[test]
fn after_a_bad_merge_a_file_that_either_side_rendered_is_unedited() {
    let out = Out::new();
    out.generate(&generated(&[("a", "ours"), ("b", "ours")]));
    let ours = out.read(".msarch/lock");
    out.generate(&generated(&[("a", "theirs"), ("b", "theirs")]));
    let theirs = out.read(".msarch/lock");
    out.put("b", "ours");
    out.put(
        ".msarch/lock",
        &format!("<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> topic\n"),
    );
    let both = generated(&[("a", "both"), ("b", "both")]);
    assert_eq!(
        out.run_with(&both, &Options::default(), true).unwrap(),
        ["update a", "update b"]
    );
}

#[test]
fn a_lost_lock_is_made_anew_from_files_that_are_as_generated() {
    let out = Out::new();
    let tree = generated(&[("a", "1"), ("b", "2")]);
    out.generate(&tree);
    let lock = out.read(".msarch/lock");
    out.delete(".msarch/lock");
    out.run_with(&tree, &Options::default(), true).unwrap();
    assert_eq!(out.read(".msarch/lock"), lock);
    out.delete(".msarch/lock");
    out.put("a", "edited");
    assert!(matches!(
        out.run_with(&tree, &Options::default(), true),
        Err(WriteError::Refused(_))
    ));
}

#[test]
fn lost_or_damaged_renders_never_cost_an_edit() {
    let out = Out::new();
    out.generate(&generated(&[("a", "1\n2\n")]));
    out.put("a", "1\n2\nmine\n");
    for path in out
        .snapshot()
        .keys()
        .filter(|path| path.starts_with(".msarch/base/"))
    {
        out.put(path, "damaged");
    }
    assert_eq!(
        out.run(&generated(&[("a", "1\n3\n")]), Mode::Merge)
            .unwrap(),
        ["conflict a"]
    );
    assert_eq!(
        out.read("a"),
        "1\n<<<<<<< ours\n2\nmine\n=======\n3\n>>>>>>> theirs\n"
    );
}

#[test]
fn sections_are_kept_and_read_back() {
    let out = Out::new();
    let tree = generated(&[("a", "1")]);
    let sections = Sections::from([(
        "schema".to_owned(),
        vec!["{\"t\":1}".to_owned(), "[2]".to_owned()],
    )]);
    out.run_with(
        &tree,
        &Options {
            sections: Some(sections),
            ..Options::default()
        },
        false,
    )
    .unwrap();
    out.generate(&tree);
    let previous = Previous::read(out.root(), false).unwrap();
    assert_eq!(previous.section("schema"), ["{\"t\":1}", "[2]"]);
    assert_eq!(previous.version(), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(previous.last_render("a").unwrap(), b"1");
}

#[test]
fn renders_that_nothing_refers_to_do_not_pile_up() {
    let out = Out::new();
    for text in ["1", "2", "3"] {
        out.generate(&generated(&[("a", text)]));
    }
    assert_eq!(
        out.snapshot()
            .keys()
            .filter(|path| path.starts_with(".msarch/base/"))
            .count(),
        1
    );
}

#[test]
fn a_check_fails_when_the_lock_is_not_there() {
    let out = Out::new();
    let tree = generated(&[("a", "1")]);
    out.generate(&tree);
    out.delete(".msarch/lock");
    let previous = Previous::read(out.root(), false).unwrap();
    let changes = plan(
        &previous,
        &tree,
        &Options {
            mode: Mode::Force,
            ..Options::default()
        },
    )
    .unwrap();
    assert!(!changes.is_clean() && changes.lock_differs());
}
