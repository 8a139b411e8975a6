//! What is done to a sound architecture is told, at its place, and nothing else is; and what changes nothing changes no verdict.
//!
//! `MSARCH_SEED=N` draws the same architectures and places again; each run prints its own.

mod alike;
mod judge;
mod kinds;
#[path = "../support/random.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod random;
mod tree;

use judge::{Told, told};
use kinds::{KINDS, Kind, Mutant};
use msarch::syntax::include::{Disk, load};
use random::Random;
use tree::Tree;

/// Architectures that somebody wrote; the first two are also the templates of `msarch new`.
const WRITTEN: &[&str] = &[
    "examples/ecommerce.yaml",
    "examples/minimal.yaml",
    "tests/architectures/banking.yaml",
    "tests/architectures/hospital.yaml",
    "tests/architectures/ride_hailing.yaml",
];

/// How many architectures are drawn besides, at least.
const DRAWN: u64 = 8;

/// How many are drawn at most until every kind of mutation fits one of them.
const MOST_DRAWN: u64 = 200;

/// How many places a kind of mutation is tried at, in each architecture.
const PLACES: usize = 2;

/// An architecture to begin with.
struct Source {
    name: String,
    tree: Tree,
}

/// The tree of a file with all that it includes.
fn read(path: &str) -> Tree {
    let loaded = load(&Disk, path).expect("the file is there");
    let mut tree = Tree::from(&loaded.root.expect("it holds an architecture"));
    tree.take("include");
    if let Some(Tree::List(services)) = tree.get("services") {
        let names = tree.named("services").into_iter();
        let mut named: Vec<(String, Tree)> =
            names.map(|(_, name)| name).zip(services.clone()).collect();
        named
            .iter_mut()
            .for_each(|(_, service)| drop(service.take("name")));
        tree.put("services", Tree::Map(named));
    }
    tree
}

fn parsed(text: &str) -> Tree {
    let loaded = msarch::syntax::include::load_text("architecture.yaml", text);
    Tree::from(&loaded.root.expect("it holds an architecture"))
}

/// What is drawn, with the rules off that the drawing does not look after.
fn drawn(seed: u64) -> String {
    random::architecture(seed) + "rules: {double-driven-participant: off, incomplete-saga: off}\n"
}

fn sources(seed: u64) -> Vec<Source> {
    let written = WRITTEN.iter().map(|path| Source {
        name: (*path).to_owned(),
        tree: read(path),
    });
    let mut drawn = (seed..seed + MOST_DRAWN).map(|seed| Source {
        name: format!("seed {seed}"),
        tree: parsed(&drawn(seed)),
    });
    let first = drawn.by_ref().take(DRAWN as usize);
    let mut all: Vec<Source> = written.chain(first).collect();
    for kind in KINDS {
        let fits = |source: &Source| !(kind.mutants)(&source.tree).is_empty();
        while !all.iter().any(fits) {
            let next = drawn.next();
            all.push(next.unwrap_or_else(|| panic!("{} fits no architecture", kind.name)));
        }
    }
    all
}

/// What is wrong with how a mutant is told of; nothing, where it is told as it should be.
fn wrong(before: &[Told], mutant: &Mutant) -> Option<String> {
    let printed = mutant.tree.print();
    let mut found = told(&printed.text);
    for known in before {
        if let Some(at) = found.iter().position(|told| told.same_as(known)) {
            found.remove(at);
        }
    }
    let mut missing = Vec::new();
    for expected in &mutant.expected {
        let lines: Vec<usize> = expected
            .at
            .iter()
            .flat_map(|path| printed.lines(path))
            .collect();
        let at = found.iter().position(|told| {
            told.rule == expected.rule
                && [told.subject(), ""].contains(&expected.subject.as_str())
                && lines.contains(&told.line)
        });
        match at {
            Some(at) => drop(found.remove(at)),
            None => missing.push(format!(
                "{} [{}] at {}",
                expected.rule,
                expected.subject,
                expected.at.join(" or ")
            )),
        }
    }
    if missing.is_empty() && found.is_empty() {
        return None;
    }
    let surplus: Vec<String> = found
        .iter()
        .map(|told| format!("{told} (at {})", printed.path(told.line)))
        .collect();
    Some(format!("missing: {missing:#?}\nsurplus: {surplus:#?}"))
}

/// Tries a kind on every source; says what is wrong, and how often it was tried.
fn try_kind(
    kind: &Kind,
    sources: &[(Source, Vec<Told>)],
    random: &mut Random,
) -> (usize, Vec<String>) {
    let (mut tried, mut wrongs) = (0, Vec::new());
    for (source, before) in sources {
        let mut mutants = (kind.mutants)(&source.tree);
        for _ in 0..PLACES.min(mutants.len()) {
            let mutant = mutants.swap_remove(random.below(mutants.len()));
            tried += 1;
            if let Some(wrong) = wrong(before, &mutant) {
                wrongs.push(format!("{} of {}\n{wrong}", kind.name, source.name));
            }
        }
    }
    (tried, wrongs)
}

#[test]
fn what_is_done_to_a_sound_architecture_is_told_and_nothing_else_is() {
    let seed = random::seed();
    println!("MSARCH_SEED={seed}");
    let mut random = Random::new(seed);
    let with_before = sources(seed).into_iter().map(|source| {
        let before = told(&source.tree.print().text);
        (source, before)
    });
    let sources: Vec<(Source, Vec<Told>)> = with_before.collect();
    let mut wrongs = Vec::new();
    for kind in KINDS {
        let (tried, wrong) = try_kind(kind, &sources, &mut random);
        assert!(tried > 0, "{} fits no architecture", kind.name);
        // The others of a kind are wrong in the same way, most of the time.
        wrongs.extend(
            wrong
                .first()
                .map(|first| format!("{} of {tried}, as {first}", wrong.len())),
        );
    }
    assert!(
        wrongs.is_empty(),
        "MSARCH_SEED={seed}\n{}",
        wrongs.join("\n\n")
    );
}

#[test]
fn what_the_mutations_begin_with_is_sound() {
    for source in sources(random::seed()) {
        // The comment that allows it is no part of the tree; and the tree is one file, whatever files it was read from.
        let no_part = |told: &Told| {
            told.rule == "multiple-capabilities"
                || (told.rule == "unused-exception" && told.to_string().contains("matches no file"))
        };
        let told = told(&source.tree.print().text);
        let others: Vec<String> = told
            .iter()
            .filter(|told| !no_part(told))
            .map(Told::to_string)
            .collect();
        assert_eq!(others, Vec::<String>::new(), "{}", source.name);
    }
}

#[test]
fn every_family_has_its_mutations() {
    let known: std::collections::BTreeSet<_> = KINDS
        .iter()
        .flat_map(|kind| kind.rules)
        .map(|id| msarch::rules::find(id).expect("a rule").family)
        .collect();
    for family in msarch::rules::Family::ALL {
        assert!(known.contains(family), "no mutation for {family}");
    }
}
