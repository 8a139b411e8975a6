//! What changes nothing changes no verdict: names that are others everywhere, another order, other files, comments.
//!
//! Held to it are architectures with something wrong: the samples as given, what the pages call bad, and a mutant of each kind.

use std::collections::BTreeSet;

use msarch::rules::{Family, RULES};
use msarch::syntax::document;

use super::judge::{Told, facts, told, told_of};
use super::kinds::KINDS;
use super::random::{self, Random};
use super::tree::{Tree, text};
use super::{parsed, read, sources};

/// Rules about how a name is spelt: another name is another verdict.
const SPELLING: &[&str] = &["reserved-name"];

/// Rules that tell a habit once, where it is first followed: which place that is depends on the order.
const ONCE: &[&str] = &["ambiguous-duration"];

/// Architectures that something is told of.
fn unsound(seed: u64) -> Vec<(String, Tree)> {
    let mut all = vec![(
        "the samples".to_owned(),
        read("tests/fixtures/seed/architecture.yaml"),
    )];
    // What is wrong with the text itself is not in the tree; nor are comments.
    let rules = RULES
        .iter()
        .filter(|rule| ![Family::Format, Family::Settings].contains(&rule.family));
    for rule in rules.filter(|rule| !SPELLING.contains(&rule.id.as_str())) {
        let bad = rule
            .docs
            .split("## Bad\n")
            .nth(1)
            .and_then(|rest| rest.split("```yaml\n").nth(1));
        let bad = bad
            .and_then(|rest| rest.split("```").next())
            .unwrap_or_default();
        all.push((rule.id.to_string(), parsed(bad)));
    }
    let mut random = Random::new(seed);
    let sources = sources(seed);
    for kind in KINDS {
        let mut mutants: Vec<_> = sources
            .iter()
            .flat_map(|source| (kind.mutants)(&source.tree))
            .collect();
        let mutant = mutants.swap_remove(random.below(mutants.len()));
        all.push((kind.name.to_owned(), mutant.tree));
    }
    all
}

/// Holds what is told of each architecture to what is told of it after a change, given its tree and its text.
fn alike(change: impl Fn(&Tree, &str, &mut Random) -> (Vec<String>, Vec<String>)) {
    let seed = random::seed();
    println!("MSARCH_SEED={seed}");
    let mut random = Random::new(seed);
    let mut wrongs = Vec::new();
    for (name, tree) in unsound(seed) {
        let (before, after) = change(&tree, &tree.print().text, &mut random);
        if before != after {
            let gone: Vec<_> = before.iter().filter(|fact| !after.contains(fact)).collect();
            let new: Vec<_> = after.iter().filter(|fact| !before.contains(fact)).collect();
            wrongs.push(format!(
                "{name}: {} findings and {}\nbefore only: {gone:#?}\nafter only: {new:#?}",
                before.len(),
                after.len()
            ));
        }
    }
    assert!(
        wrongs.is_empty(),
        "MSARCH_SEED={seed}\n{}",
        wrongs.join("\n\n")
    );
}

#[test]
fn other_names_everywhere_change_no_verdict() {
    let reserved = reserved();
    alike(|tree, before, _| {
        let names = own_words(tree, &reserved);
        let rename = |text: &str| renamed(text, &names);
        let mut expected = told(before);
        for told in &mut expected {
            told.subjects
                .iter_mut()
                .for_each(|subject| *subject = rename(subject));
        }
        (
            facts(&expected),
            facts(&told(&tree.each(&rename).print().text)),
        )
    });
}

/// Words that mean something to the format.
fn reserved() -> BTreeSet<String> {
    let schema = document::schema().to_string();
    words(&schema).into_iter().map(str::to_lowercase).collect()
}

/// The words that services, data, events and sagas are named with, and that mean nothing to the format.
fn own_words(tree: &Tree, reserved: &BTreeSet<String>) -> BTreeSet<String> {
    let services = tree.named("services");
    let entities = services
        .iter()
        .flat_map(|(at, _)| tree.steps(&format!("{at}/data_ownership")))
        .collect::<Vec<_>>();
    let others = ["events", "sagas"]
        .into_iter()
        .flat_map(|section| tree.named(section));
    let names = services
        .iter()
        .map(|(_, name)| name.clone())
        .chain(entities)
        .chain(others.map(|(_, name)| name));
    let words: BTreeSet<String> = names
        .flat_map(|name| {
            words(&name)
                .into_iter()
                .map(str::to_lowercase)
                .collect::<Vec<_>>()
        })
        .collect();
    let free = |word: &String| {
        word.len() > 3
            && ![word.as_str(), word.trim_end_matches('s')]
                .iter()
                .any(|word| reserved.contains(*word))
    };
    words
        .into_iter()
        .filter(free)
        .map(|word| word.trim_end_matches('s').to_owned())
        .collect()
}

/// The words of a text: `orderId` has two.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    for (at, char) in text.char_indices() {
        let hump = char.is_uppercase() && before.is_lowercase();
        if !char.is_alphanumeric() || hump {
            words.push(&text[start..at]);
            start = if hump { at } else { at + char.len_utf8() };
        }
        before = char;
    }
    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

/// A text with other names: each word of theirs begins with a `q`, so that `Order` and `orders` stay akin.
fn renamed(text: &str, names: &BTreeSet<String>) -> String {
    let mut renamed = String::new();
    let mut rest = text;
    for word in words(text) {
        let Some((before, after)) = rest.split_once(word) else {
            break;
        };
        renamed.push_str(before);
        if names.contains(word.to_lowercase().trim_end_matches('s')) {
            let upper = word.starts_with(char::is_uppercase);
            renamed.push(if upper { 'Q' } else { 'q' });
            renamed.push_str(&word.to_lowercase());
        } else {
            renamed.push_str(word);
        }
        rest = after;
    }
    renamed + rest
}

#[test]
fn another_order_of_maps_changes_no_verdict() {
    alike(|tree, before, random| {
        let mixed = reordered(tree, &mut |count| random.below(count));
        (
            unordered_facts(told(before)),
            unordered_facts(told(&mixed.print().text)),
        )
    });
}

#[test]
fn maps_from_their_end_to_their_beginning_change_no_verdict() {
    alike(|tree, before, _| {
        let reversed = reordered(tree, &mut |count| count - 1);
        (
            unordered_facts(told(before)),
            unordered_facts(told(&reversed.print().text)),
        )
    });
}

/// The facts that no order changes.
fn unordered_facts(mut told: Vec<Told>) -> Vec<String> {
    told.iter_mut()
        .filter(|told| ONCE.contains(&told.rule.as_str()))
        .for_each(|told| told.subjects.clear());
    facts(&told)
}

/// The tree with each map in another order: which of those that are left comes next is asked, given their number.
fn reordered(tree: &Tree, next: &mut dyn FnMut(usize) -> usize) -> Tree {
    match tree {
        Tree::Map(entries) => {
            let mut rest: Vec<_> = entries
                .iter()
                .map(|(key, value)| (key.clone(), reordered(value, next)))
                .collect();
            let mut mixed = Vec::new();
            while !rest.is_empty() {
                mixed.push(rest.remove(next(rest.len())));
            }
            Tree::Map(mixed)
        }
        Tree::List(items) => Tree::List(items.iter().map(|item| reordered(item, next)).collect()),
        Tree::Text(_) => tree.clone(),
    }
}

#[test]
fn other_files_change_no_verdict() {
    alike(|tree, before, random| {
        let parts = [
            "main.yaml",
            "parts/a.yaml",
            "parts/b.yaml",
            "parts/deep/c.yaml",
        ];
        let mut trees = vec![Tree::Map(Vec::new()); parts.len()];
        let Tree::Map(sections) = tree else {
            return (Vec::new(), Vec::new());
        };
        for (section, value) in sections {
            let mut pieces = vec![value.clone()];
            if let Tree::Map(entries) = value {
                pieces = entries
                    .iter()
                    .map(|entry| Tree::Map(vec![entry.clone()]))
                    .collect();
            }
            let at = random.below(parts.len());
            let cut = random.below(pieces.len().max(1));
            for (index, piece) in pieces.into_iter().enumerate() {
                let file = if index < cut {
                    at
                } else {
                    (at + 1) % parts.len()
                };
                add(&mut trees[file], section, piece);
            }
        }
        let filled = |index: &usize| trees[*index] != Tree::Map(Vec::new());
        let included: Vec<usize> = (1..parts.len()).filter(filled).collect();
        trees[0].put(
            "include",
            Tree::List(included.iter().map(|index| text(parts[*index])).collect()),
        );
        let files: Vec<(&str, String)> = [0]
            .iter()
            .chain(&included)
            .map(|index| (parts[*index], trees[*index].print().text))
            .collect();
        (
            unordered_facts(told(before)),
            unordered_facts(told_of(&files)),
        )
    });
}

fn add(tree: &mut Tree, section: &str, piece: Tree) {
    match (tree.has(section), piece) {
        (true, Tree::Map(entries)) => entries
            .into_iter()
            .for_each(|(key, value)| tree.push(section, &key, value)),
        (_, piece) => tree.put(section, piece),
    }
}

#[test]
fn comments_and_blank_lines_change_no_verdict_and_move_every_place_along() {
    alike(|_, before, random| {
        let mut after = String::new();
        let mut lines = vec![0];
        let mut written = 0;
        for line in before.lines() {
            for remark in [
                "",
                "# services: {nobody: 1}",
                "        # - name: no-one",
                "   ",
            ]
            .iter()
            .take(random.below(5))
            {
                after.push_str(remark);
                after.push('\n');
                written += 1;
            }
            after.push_str(line);
            after.push_str(["", " # so it is: {a: [b]}", "   "][random.below(3)]);
            after.push('\n');
            written += 1;
            lines.push(written);
        }
        let at =
            |told: &super::Told, line: usize| format!("{line} {} {:?}", told.rule, told.subjects);
        let expected = told(before)
            .iter()
            .map(|told| at(told, lines[told.line]))
            .collect();
        (
            expected,
            told(&after)
                .iter()
                .map(|told| at(told, told.line))
                .collect(),
        )
    });
}
