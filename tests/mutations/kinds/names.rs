//! Format, names, references, values, and the settings of rules.

use super::{Kind, Mutant, calls, expect, operations, routes, service, services, with};
use crate::tree::{Tree, map, text};

pub(super) const MISSPELT_KEY: Kind = Kind {
    name: "a key of a service is misspelt",
    rules: &["unknown-key"],
    mutants: |tree| {
        each_service(tree, |at, _| {
            let path = format!("{at}/boundet_context");
            Some(with(
                tree,
                &path,
                text("x"),
                expect("unknown-key", "", &path),
            ))
        })
    },
};

pub(super) const WORD_FOR_A_MAP: Kind = Kind {
    name: "a word stands where a map belongs",
    rules: &["wrong-type"],
    mutants: |tree| {
        let sections = ["mesh", "resilience", "observability"].into_iter();
        let there = sections.filter(|section| !tree.has(section));
        there
            .map(|section| {
                with(
                    tree,
                    section,
                    text("yes"),
                    expect("wrong-type", "", section),
                )
            })
            .collect()
    },
};

pub(super) const KEY_TWICE: Kind = Kind {
    name: "a key stands twice",
    rules: &["duplicate-key"],
    mutants: |tree| {
        each_service(tree, |at, _| {
            let path = format!("{at}/bounded_context");
            let again = tree.get(&path)?.clone();
            let mut tree = tree.clone();
            tree.push(at, "bounded_context", again);
            Some(Mutant {
                tree,
                expected: vec![expect("duplicate-key", "", &path)],
            })
        })
    },
};

pub(super) const PORT_TWICE: Kind = Kind {
    name: "two services listen on one port",
    rules: &["port-used-twice"],
    mutants: |tree| {
        let ported: Vec<String> = services(tree)
            .into_iter()
            .filter(|name| tree.has(&format!("services/{name}/port")))
            .collect();
        let pairs = ported.windows(2).map(|pair| {
            let port = tree
                .text(&format!("services/{}/port", pair[0]))
                .unwrap_or_default();
            let path = format!("services/{}/port", pair[1]);
            with(
                tree,
                &path,
                text(port),
                expect("port-used-twice", &pair[1], service(&pair[1])),
            )
        });
        pairs.collect()
    },
};

pub(super) const OPERATION_TWICE: Kind = Kind {
    name: "two operations have one method and path",
    rules: &["duplicate-operation"],
    mutants: |tree| {
        let all = services(tree).into_iter().flat_map(|name| {
            operations(tree, &name)
                .into_iter()
                .map(move |operation| (name.clone(), operation))
        });
        let reads = all.filter(|(_, (at, _))| {
            tree.text(&format!("{at}/method")) == Some("GET")
                && at
                    .rsplit('/')
                    .next()
                    .is_none_or(|step| step.parse::<usize>().is_err())
        });
        let mutants = reads.map(|(_, (at, operation))| {
            let path = format!("{at}_once_more");
            let again = tree.get(&at).cloned().unwrap_or_else(|| text(""));
            with(
                tree,
                &path,
                again,
                expect(
                    "duplicate-operation",
                    format!("{operation}_once_more"),
                    format!("{path}/path"),
                ),
            )
        });
        mutants.collect()
    },
};

pub(super) const NAME_OF_NOTHING: Kind = Kind {
    name: "a name leads nowhere",
    rules: &["unknown-reference"],
    mutants: |tree| {
        let names = services(tree);
        let called = names
            .iter()
            .flat_map(|name| calls(tree, name))
            .map(|(at, _)| format!("{at}/to"));
        let teams = names
            .iter()
            .map(|name| format!("services/{name}/team_ownership"));
        let all = routes(tree);
        // A service that loses its only route is told of as well.
        let spare = all
            .iter()
            .filter(|(_, to)| all.iter().filter(|(_, other)| other == to).count() > 1);
        let routed = spare.map(|(at, _)| format!("{at}/service"));
        let places = called
            .chain(teams)
            .chain(routed)
            .filter(|path| tree.has(path));
        places
            .map(|path| {
                with(
                    tree,
                    &path,
                    text("nobody-at-all"),
                    expect("unknown-reference", "nobody-at-all", &path),
                )
            })
            .collect()
    },
};

pub(super) const VALUE_FOR_NO_FIELD: Kind = Kind {
    name: "a value is given to a field that is not declared",
    rules: &["undeclared-field"],
    mutants: |tree| {
        let operations = services(tree)
            .into_iter()
            .flat_map(|name| operations(tree, &name));
        let emitting = operations
            .map(|(at, _)| format!("{at}/emits/values"))
            .filter(|path| tree.has(path));
        let mutants = emitting.map(|values| {
            let path = format!("{values}/nobody_at_all");
            with(
                tree,
                &path,
                text("1"),
                expect("undeclared-field", "", &path),
            )
        });
        mutants.collect()
    },
};

pub(super) const UNKNOWN_RULE: Kind = Kind {
    name: "a setting is for a rule that does not exist",
    rules: &["unknown-rule"],
    mutants: |tree| {
        vec![with(
            tree,
            "rules/sync-cycles",
            text("warn"),
            expect("unknown-rule", "sync-cycles", "rules/sync-cycles"),
        )]
    },
};

pub(super) const NEEDLESS_EXCEPTION: Kind = Kind {
    name: "an exception excepts nothing",
    rules: &["unused-exception"],
    mutants: |tree| {
        each_service(tree, |_, name| {
            let exception = map([("allow", name), ("reason", "none")]);
            Some(with(
                tree,
                "rules/sync-cycle",
                exception,
                expect("unused-exception", "sync-cycle", "rules/sync-cycle/allow"),
            ))
        })
    },
};

fn each_service(tree: &Tree, mutant: impl Fn(&str, &str) -> Option<Mutant>) -> Vec<Mutant> {
    services(tree)
        .iter()
        .filter_map(|name| mutant(&service(name), name))
        .collect()
}
