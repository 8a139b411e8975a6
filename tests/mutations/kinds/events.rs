//! Events, and the aggregates that raise them.

use super::{Expected, Kind, Mutant, expect, operations, services, with, without};
use crate::tree::{Tree, map, text};

/// The services that consume an event.
fn consumers(tree: &Tree, event: &str) -> Vec<String> {
    let each = tree.paths(&format!("{event}/consumers")).into_iter();
    let named = each.filter_map(|path| {
        tree.text(&path)
            .or_else(|| tree.text(&format!("{path}/service")))
            .map(str::to_owned)
    });
    named.collect()
}

fn starts_a_saga(tree: &Tree, event: &str) -> bool {
    tree.named("sagas")
        .iter()
        .any(|(at, _)| tree.text(&format!("{at}/trigger")) == Some(event))
}

fn empties_a_cache(tree: &Tree, event: &str) -> bool {
    tree.named("caches")
        .iter()
        .any(|(at, _)| tree.texts(&format!("{at}/invalidate_on")).contains(&event))
}

fn has_projections(tree: &Tree, service: &str) -> bool {
    tree.paths(&format!("services/{service}/data_ownership"))
        .iter()
        .any(|path| tree.has(&format!("{path}/projection")))
}

fn raises(tree: &Tree, service: &str) -> Vec<String> {
    let commands = tree
        .paths(&format!("services/{service}/aggregates"))
        .into_iter()
        .flat_map(|path| tree.paths(&format!("{path}/commands")));
    commands.map(|path| format!("{path}/raises")).collect()
}

pub(super) const DROPPED_PRODUCER: Kind = Kind {
    name: "an event is published by a service that is not its producer",
    rules: &["undeclared-producer"],
    mutants: |tree| {
        let mut mutants = Vec::new();
        for (at, event) in tree.named("events") {
            let single = tree.texts(&format!("{at}/producers")).len() == 1;
            for name in services(tree) {
                let places = operations(tree, &name)
                    .into_iter()
                    .map(|(path, _)| format!("{path}/emits/event"));
                let emits: Vec<String> = places
                    .filter(|path| tree.text(path) == Some(&event))
                    .collect();
                if let ([emit], true) = (emits.as_slice(), single) {
                    let others = services(tree)
                        .into_iter()
                        .find(|other| *other != name && !consumers(tree, &at).contains(other));
                    let expected = expect("undeclared-producer", &event, emit);
                    mutants.extend(others.map(|other| {
                        with(tree, &format!("{at}/producers"), text(other), expected)
                    }));
                }
            }
        }
        mutants
    },
};

pub(super) const NOBODY_PRODUCES: Kind = Kind {
    name: "nothing produces what somebody waits for",
    rules: &["consumed-without-producer"],
    mutants: |tree| {
        let Some(Tree::Map(_)) = tree.get("events") else {
            return Vec::new();
        };
        let waiting = services(tree).into_iter().map(|name| {
            let mut tree = tree.clone();
            tree.put("events/LongAwaited/schema", map([("id", "uuid")]));
            with(
                &tree,
                "events/LongAwaited/consumers",
                text(name),
                expect(
                    "consumed-without-producer",
                    "LongAwaited",
                    "events/LongAwaited",
                ),
            )
        });
        waiting.collect()
    },
};

pub(super) const NOBODY_CONSUMES: Kind = Kind {
    name: "nobody consumes an event any more",
    rules: &["produced-without-consumer"],
    mutants: |tree| {
        let fit = tree.named("events").into_iter().filter(|(at, event)| {
            let consumers = consumers(tree, at);
            let idle = !starts_a_saga(tree, event)
                && !empties_a_cache(tree, event)
                && !tree.has(&format!("{at}/external"));
            idle && !consumers.is_empty()
                && !consumers.iter().any(|name| has_projections(tree, name))
        });
        let mutants = fit.map(|(at, event)| {
            without(
                tree,
                &format!("{at}/consumers"),
                expect("produced-without-consumer", event, super::entry(tree, &at)),
            )
        });
        mutants.collect()
    },
};

pub(super) const SECOND_PRODUCER: Kind = Kind {
    name: "an event has a second producer",
    rules: &["several-producers"],
    mutants: |tree| {
        let mut mutants = Vec::new();
        for (at, event) in tree.named("events") {
            let producers = tree.texts(&format!("{at}/producers"));
            // Whoever starts a saga alone may be its coordinator.
            let other = tree.has(&format!("{at}/external")) || starts_a_saga(tree, &event);
            let ([one], false) = (producers.as_slice(), other) else {
                continue;
            };
            let others = services(tree).into_iter().filter(|name| {
                name != one
                    && !consumers(tree, &at).contains(name)
                    && !tree.has(&format!("services/{name}/outbox"))
            });
            for other in others {
                let both = Tree::List(vec![text(*one), text(other)]);
                mutants.push(with(
                    tree,
                    &format!("{at}/producers"),
                    both,
                    expect("several-producers", &event, format!("{at}/producers/1")),
                ));
            }
        }
        mutants
    },
};

pub(super) const BLIND_CONSUMER: Kind = Kind {
    name: "a consumer does not look whether it went well",
    rules: &["outcome-flag-event"],
    mutants: |tree| {
        let mut mutants = Vec::new();
        for (at, event) in tree.named("events") {
            let flag = format!("{at}/schema/status");
            for consumer in tree.paths(&format!("{at}/consumers")) {
                if tree.has(&flag) && tree.has(&format!("{consumer}/when/status")) {
                    mutants.push(without(
                        tree,
                        &format!("{consumer}/when"),
                        expect("outcome-flag-event", &event, &flag),
                    ));
                }
            }
        }
        mutants
    },
};

pub(super) const LOSSY: Kind = Kind {
    name: "an event that must not be lost may be lost",
    rules: &["lossy-delivery"],
    mutants: |tree| {
        let fit = tree.named("events").into_iter().filter(|(at, event)| {
            !tree.has(&format!("{at}/delivery")) && starts_a_saga(tree, event)
        });
        let mutants = fit.map(|(at, event)| {
            let path = format!("{at}/delivery");
            with(
                tree,
                &path,
                text("at-most-once"),
                expect("lossy-delivery", event, path.clone()),
            )
        });
        mutants.collect()
    },
};

pub(super) const NO_OUTBOX: Kind = Kind {
    name: "events leave beside the transaction",
    rules: &["publisher-without-outbox"],
    mutants: |tree| {
        let publishes = |name: &String| {
            let events = tree.named("events");
            let own: Vec<_> = events
                .iter()
                .filter(|(at, _)| {
                    tree.texts(&format!("{at}/producers"))
                        .contains(&name.as_str())
                })
                .collect();
            !own.is_empty()
                && raises(tree, name).is_empty()
                && !own
                    .iter()
                    .any(|(at, _)| tree.has(&format!("{at}/delivery")))
        };
        let mutants = services(tree).into_iter().filter(publishes).map(|name| {
            let path = format!("services/{name}/outbox");
            with(
                tree,
                &path,
                text("false"),
                expect("publisher-without-outbox", name, path.clone()),
            )
        });
        mutants.collect()
    },
};

pub(super) const NEVER_RAISED: Kind = Kind {
    name: "an event of an aggregate is never raised",
    rules: &["event-never-raised", "undeclared-field"],
    mutants: |tree| {
        let mut mutants: Vec<Mutant> = Vec::new();
        for list in services(tree).iter().flat_map(|name| raises(tree, name)) {
            let Some(Tree::List(events)) = tree.get(&list) else {
                continue;
            };
            let aggregate = list.split('/').take(4).collect::<Vec<_>>().join("/");
            let name = aggregate.rsplit('/').next().unwrap_or_default();
            for (index, event) in tree
                .texts(&list)
                .into_iter()
                .enumerate()
                .filter(|_| events.len() > 1)
            {
                let expected = expect(
                    "event-never-raised",
                    format!("{name}.{event}"),
                    format!("{aggregate}/events/{event}"),
                );
                let mut mutant = without(tree, &format!("{list}/{index}"), expected);
                mutant
                    .expected
                    .extend(homeless(tree, &list, &aggregate, event));
                mutants.push(mutant);
            }
        }
        mutants
    },
};

/// The values of a command that only one of its events has a field for.
fn homeless(tree: &Tree, list: &str, aggregate: &str, event: &str) -> Vec<Expected> {
    let others: Vec<&str> = tree
        .texts(list)
        .into_iter()
        .filter(|other| *other != event)
        .collect();
    let fields = others.iter().flat_map(|other| {
        [
            format!("events/{other}/schema"),
            format!("{aggregate}/events/{other}/schema"),
        ]
    });
    let known: Vec<String> = fields.flat_map(|path| tree.steps(&path)).collect();
    let values = list.replace("/raises", "/values");
    let lost = tree
        .steps(&values)
        .into_iter()
        .filter(|value| !known.contains(value));
    lost.map(|value| expect("undeclared-field", "", format!("{values}/{value}")))
        .collect()
}
