//! Sagas.

use super::{Kind, Mutant, expect, with};
use crate::tree::{Tree, map, text};

/// A step: its saga, its path, its action, its kind.
struct Step {
    saga: String,
    at: String,
    action: String,
    kind: String,
}

fn steps(tree: &Tree) -> Vec<Step> {
    let sagas = tree.named("sagas").into_iter();
    let each = sagas.flat_map(|(path, saga)| {
        tree.paths(&format!("{path}/steps"))
            .into_iter()
            .map(move |at| (saga.clone(), at))
    });
    let steps = each.map(|(saga, at)| Step {
        action: tree
            .text(&format!("{at}/action"))
            .unwrap_or_default()
            .to_owned(),
        kind: tree
            .text(&format!("{at}/kind"))
            .unwrap_or("compensatable")
            .to_owned(),
        saga,
        at,
    });
    steps.collect()
}

/// Where the way back from a step is written, with the key or item that goes when it goes.
fn compensation(tree: &Tree, step: &Step) -> Option<String> {
    let own = format!("{}/compensation", step.at);
    if tree.has(&own) {
        return Some(own);
    }
    let saga = step.at.rsplit_once("/steps/")?.0;
    let mut list = tree.paths(&format!("{saga}/compensation")).into_iter();
    list.find(|path| tree.text(&format!("{path}/step")) == Some(&step.action))
}

/// Whether anything but the step's own compensation uses one of its outputs.
fn is_used(tree: &Tree, step: &Step, output: &str, compensation: &str) -> bool {
    let mut rest = tree
        .get(step.at.rsplit_once("/steps/").map_or("", |(saga, _)| saga))
        .cloned()
        .unwrap_or_else(|| text(""));
    let saga = step
        .at
        .rsplit_once("/steps/")
        .map_or(0, |(saga, _)| saga.len() + 1);
    for gone in [
        compensation,
        &format!("{}/output", step.at),
        &format!("{}/effects", step.at),
    ] {
        // A list keeps its length, so that later paths stay true.
        if rest.has(&gone[saga..]) {
            rest.put(&gone[saga..], text("gone"));
        }
    }
    let printed = rest.print().text;
    let words = printed.split(|char: char| !char.is_alphanumeric() && char != '_');
    words.into_iter().any(|word| word == output)
}

pub(super) const NO_COMPENSATION: Kind = Kind {
    name: "a compensation is removed",
    rules: &["step-without-compensation", "unused-output"],
    mutants: |tree| {
        let mut mutants = Vec::new();
        for step in steps(tree)
            .iter()
            .filter(|step| step.kind == "compensatable")
        {
            let Some(way_back) = compensation(tree, step) else {
                continue;
            };
            let mut expected = vec![expect(
                "step-without-compensation",
                format!("{}.{}", step.saga, step.action),
                format!("{}/action", step.at),
            )];
            for output in tree.steps(&format!("{}/output", step.at)) {
                if !is_used(tree, step, &output, &way_back) {
                    expected.push(expect(
                        "unused-output",
                        format!("{}.{}.{output}", step.saga, step.action),
                        format!("{}/output/{output}", step.at),
                    ));
                }
            }
            let mut tree = tree.clone();
            tree.take(&way_back);
            mutants.push(Mutant { tree, expected });
        }
        mutants
    },
};

pub(super) const SWAPPED_COMPENSATIONS: Kind = Kind {
    name: "two compensations are swapped",
    rules: &["compensation-out-of-order"],
    mutants: |tree| {
        let mut mutants = Vec::new();
        for (saga, name) in tree.named("sagas") {
            let list = tree.paths(&format!("{saga}/compensation"));
            let strict: Vec<&String> = list
                .iter()
                .filter(|path| !tree.has(&format!("{path}/parallel")))
                .collect();
            for pair in strict.windows(2) {
                let (Some(one), Some(other)) =
                    (tree.get(pair[0]).cloned(), tree.get(pair[1]).cloned())
                else {
                    continue;
                };
                let mut mutant = tree.clone();
                mutant.put(pair[0], other);
                mutants.push(with(
                    &mutant,
                    pair[1],
                    one,
                    expect(
                        "compensation-out-of-order",
                        &name,
                        format!("{}/step", pair[1]),
                    ),
                ));
            }
        }
        mutants
    },
};

pub(super) const UNSAFE_STEP_AFTER_THE_PIVOT: Kind = Kind {
    name: "a step that may fail comes after the pivot",
    rules: &["step-kinds-out-of-order"],
    mutants: |tree| {
        let pivots = steps(tree).into_iter().filter(|step| step.kind == "pivot");
        let mutants = pivots.filter_map(|pivot| {
            let list = pivot.at.rsplit_once('/')?.0.to_owned();
            let last = format!("{list}/{}", tree.steps(&list).len());
            let mut step = map([
                ("service", tree.text(&format!("{}/service", pivot.at))?),
                ("action", "think_twice"),
            ]);
            step.put("input", tree.get(&format!("{}/input", pivot.at))?.clone());
            let expected = expect(
                "step-kinds-out-of-order",
                format!("{}.think_twice", pivot.saga),
                format!("{last}/action"),
            );
            Some(with(tree, &last, step, expected))
        });
        mutants.collect()
    },
};

pub(super) const UNBOUND_INPUT: Kind = Kind {
    name: "nothing gives a step its input",
    rules: &["unbound-input"],
    mutants: |tree| {
        let lists = steps(tree)
            .into_iter()
            .filter(|step| matches!(tree.get(&format!("{}/input", step.at)), Some(Tree::List(_))));
        let mutants = lists.map(|step| {
            let input = format!("{}/input", step.at);
            let last = format!("{input}/{}", tree.steps(&input).len());
            with(
                tree,
                &last,
                text("philosophersStone"),
                expect(
                    "unbound-input",
                    format!("{}.{}.philosophersStone", step.saga, step.action),
                    last.clone(),
                ),
            )
        });
        mutants.collect()
    },
};
