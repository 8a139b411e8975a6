//! Data falls one floor at a time, and nothing climbs back: a file imports from its own floor and from those below.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The floors from the ground up. `report` turns findings outward, `cli` calls all.
const FLOORS: &[&str] = &[
    "syntax", "model", "graph", "rules", "plan", "emit", "write", "report", "cli",
];

/// What a floor may not see although it is below: the printer knows findings and places, not how they came about.
const UNSEEN: &[(&str, &[&str])] = &[("report", &["model", "graph", "plan", "emit", "write"])];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The floors that a text names as `crate::<floor>`.
fn named(text: &str) -> BTreeSet<&str> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let heads = code.flat_map(|line| line.split("crate::").skip(1));
    heads
        .map(|rest| {
            rest.split(|char: char| !char.is_alphanumeric() && char != '_')
                .next()
                .unwrap_or_default()
        })
        .collect()
}

fn rank(floor: &str) -> Option<usize> {
    FLOORS.iter().position(|known| *known == floor)
}

#[test]
fn no_file_imports_from_a_floor_above() {
    let mut climbs = Vec::new();
    for floor in FLOORS {
        let folder = Path::new("src").join(floor);
        if !folder.is_dir() {
            continue;
        }
        let unseen = UNSEEN
            .iter()
            .find(|(who, _)| who == floor)
            .map_or(&[][..], |(_, unseen)| unseen);
        for file in sources(&folder) {
            let text = std::fs::read_to_string(&file).unwrap();
            let wrong = named(&text)
                .into_iter()
                .filter(|other| rank(other) > rank(floor) || unseen.contains(other));
            climbs.extend(wrong.map(|other| format!("{} imports from {other}", file.display())));
        }
    }
    assert!(climbs.is_empty(), "{}", climbs.join("\n"));
}

#[test]
fn every_folder_is_a_floor() {
    for entry in std::fs::read_dir("src").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let known = if path.is_dir() {
            rank(&name).is_some()
        } else {
            ["lib.rs", "main.rs"].contains(&name.as_str())
        };
        assert!(known, "src/{name} is on no floor");
    }
}

#[test]
fn an_import_is_recognised_in_every_form() {
    assert_eq!(
        named("use crate::rules::rule::Rule;\nlet x = crate::emit::tree();\n// crate::cli\n"),
        BTreeSet::from(["emit", "rules"])
    );
    assert!(rank("rules") > rank("graph"));
}
