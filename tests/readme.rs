//! What the README and the changelog say of the rules and of the file is true. `UPDATE=1` brings the lists up to date.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use msarch::rules::rule::Family;
use msarch::rules::{RULES, Rule};

const BEGIN: &str = "<!-- rules: written by `UPDATE=1 cargo test --test readme` -->\n";
const END: &str = "<!-- end of rules -->";

/// Compares the list between the two marks of a paper with what it should be, or rewrites it.
fn holds(paper: &str, list: &str) {
    let text = fs::read_to_string(paper).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the first mark");
    let (now, after) = rest.split_once(END).expect("the last mark");
    if now == list {
        return;
    }
    assert!(
        std::env::var_os("UPDATE").is_some(),
        "the rules in {paper} are out of date: run `UPDATE=1 cargo test --test readme`"
    );
    fs::write(paper, format!("{before}{BEGIN}{list}{END}{after}")).unwrap();
}

fn of_family(family: Family) -> impl Iterator<Item = &'static &'static Rule> {
    RULES.iter().filter(move |rule| rule.family == family)
}

fn page(rule: &Rule) -> String {
    format!(
        "src/rules/{}/{}.md",
        rule.family,
        rule.id.as_str().replace('-', "_")
    )
}

#[test]
fn the_readme_lists_every_rule_by_family_with_its_page() {
    let mut list = String::from("| family | rules |\n|---|---|\n");
    for family in Family::ALL {
        let links: Vec<String> = of_family(*family)
            .map(|rule| format!("[{}]({})", rule.id, page(rule)))
            .collect();
        if !links.is_empty() {
            writeln!(list, "| {family} | {} |", links.join(", ")).unwrap();
        }
    }
    holds("README.md", &list);
}

#[test]
fn the_changelog_has_a_line_for_every_rule() {
    let mut list = String::new();
    for rule in RULES.iter() {
        writeln!(list, "  - `{}`: {}", rule.id, rule.summary).unwrap();
    }
    holds("CHANGELOG.md", &list);
}

#[test]
fn every_page_that_the_readme_links_to_exists() {
    for paper in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        let text = fs::read_to_string(paper).unwrap();
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with("http")) {
            assert!(Path::new(target).exists(), "{paper} links to {target}");
        }
    }
}

#[test]
fn the_examples_of_the_readme_validate_without_a_finding() {
    let readme = fs::read_to_string("README.md").unwrap();
    let blocks = readme.split("```yaml\n").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("```").next());
    // A block without the version of the format is a part of a file.
    let examples: Vec<&str> = blocks.filter(|text| text.contains("msarch: 1")).collect();
    assert_eq!(examples.len(), 3);
    assert!(examples[1].contains("\nsagas:\n"));
    for example in examples {
        let assert = Command::cargo_bin("msarch")
            .unwrap()
            .args(["validate", "-"])
            .write_stdin(example)
            .assert();
        let said = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        assert!(said.starts_with("no findings"), "{said}");
    }
}

#[test]
fn every_folder_that_the_architecture_page_names_exists() {
    let page = fs::read_to_string("ARCHITECTURE.md").unwrap();
    let named = page.split('`').skip(1).step_by(2).filter(|word| {
        word.starts_with("src/") || word.starts_with("runtime/") || word.starts_with("tests/")
    });
    for path in named.filter(|path| !path.contains('<')) {
        assert!(Path::new(path).exists(), "{path}");
    }
}
