//! The examples and the test architectures against the rules: nothing is wrong with the sound ones, and the samples as given are
//! wrong exactly where `expected.txt` says.

use msarch::graph::Graph;
use msarch::graph::observations::Observations;
use msarch::model::lower;
use msarch::rules::{Context, Deny, check};
use msarch::syntax::document;
use msarch::syntax::include::{Disk, load};

/// Where the samples as given are.
const SAMPLES: &str = "tests/fixtures/seed";

struct Told {
    /// As `expected.txt` has it: rule, line and subject.
    fact: String,
    text: String,
}

fn findings(path: &str) -> Vec<Told> {
    let mut loaded = load(&Disk, path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let document = document::read(&mut loaded).unwrap_or_else(|| panic!("{path}: no architecture"));
    let model = lower(&document);
    let graph = Graph::new(&model, Observations::default());
    let context = Context {
        sources: &loaded.sources,
        suppressions: &loaded.suppressions,
        deny: &Deny::default(),
    };
    let verdict = check(graph, loaded.findings, context);
    let told = verdict.findings.iter().map(|finding| {
        let line = loaded.sources.position(finding.span()).line;
        let file = loaded.sources.get(finding.span().source).name();
        let help = finding.help.as_deref().unwrap_or_default();
        let subject = finding.subjects.first().map_or("", String::as_str);
        Told {
            fact: format!("{} {line} {subject}", finding.rule),
            text: format!(
                "{file}:{line}: {} {}: {} ({help})",
                finding.severity, finding.rule, finding.message
            ),
        }
    });
    told.collect()
}

fn sound(path: &str) {
    let told: Vec<String> = findings(path).into_iter().map(|told| told.text).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn nothing_is_wrong_with_the_shop() {
    sound("examples/ecommerce.yaml");
}

#[test]
fn nothing_is_wrong_with_the_smallest_example() {
    sound("examples/minimal.yaml");
}

#[test]
fn nothing_is_wrong_with_the_bank() {
    sound("tests/architectures/banking.yaml");
}

#[test]
fn nothing_is_wrong_with_the_hospital() {
    sound("tests/architectures/hospital.yaml");
}

#[test]
fn nothing_is_wrong_with_the_herd() {
    sound("tests/architectures/herd.yaml");
}

#[test]
fn nothing_is_wrong_with_words_that_rust_keeps_for_itself() {
    sound("tests/architectures/keywords.yaml");
}

#[test]
fn nothing_is_wrong_with_the_rides() {
    sound("tests/architectures/ride_hailing.yaml");
}

/// The lines of a file beside the samples, without comments.
fn lines(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(format!("{SAMPLES}/{name}")).expect(name);
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[test]
fn the_samples_as_given_are_wrong_where_we_say() {
    let mut expected = lines("expected.txt");
    let mut found: Vec<String> = findings(&format!("{SAMPLES}/architecture.yaml"))
        .into_iter()
        .map(|told| told.fact)
        .collect();
    expected.sort();
    found.sort();
    let missing: Vec<_> = expected
        .iter()
        .filter(|line| !found.contains(line))
        .collect();
    let surplus: Vec<_> = found
        .iter()
        .filter(|line| !expected.contains(line))
        .collect();
    assert!(
        missing.is_empty() && surplus.is_empty() && found.len() == expected.len(),
        "missing {missing:#?}\nsurplus {surplus:#?}"
    );
}

#[test]
fn every_contradiction_of_the_samples_is_told_or_has_its_reason() {
    let found: Vec<String> = findings(&format!("{SAMPLES}/architecture.yaml"))
        .into_iter()
        .map(|told| told.fact)
        .collect();
    let notes = lines("notes.txt");
    let (answers, contradictions): (Vec<&String>, Vec<&String>) =
        notes.iter().partition(|line| line.starts_with("    "));
    for (number, contradiction) in (1..).zip(&contradictions) {
        assert!(
            contradiction.starts_with(&format!("{number} ")),
            "{number} is missing before {contradiction}"
        );
    }
    for pair in notes.windows(2) {
        let bare = pair.iter().all(|line| !line.starts_with("    "));
        assert!(!bare, "nothing answers {}", pair[0]);
    }
    let told: Vec<&str> = answers
        .iter()
        .map(|line| &line[4..])
        .filter(|line| !line.starts_with("- "))
        .collect();
    let unfounded: Vec<_> = told
        .iter()
        .filter(|fact| !found.iter().any(|found| found == *fact))
        .collect();
    let unexplained: Vec<_> = found
        .iter()
        .filter(|fact| !told.contains(&fact.as_str()))
        .collect();
    assert!(
        unfounded.is_empty() && unexplained.is_empty(),
        "not found {unfounded:#?}\nof no contradiction {unexplained:#?}"
    );
}
