//! Who owns what, where it is kept, and who works on it.

use super::{
    Expected, Kind, Mutant, calls, expect, is_meshed, routes, services, store, with, without,
};
use crate::tree::{Tree, map, text};

pub(super) const SECOND_OWNER: Kind = Kind {
    name: "data gets a second owner",
    rules: &["entity-with-several-owners"],
    mutants: |tree| {
        let names = services(tree);
        let pairs = names
            .iter()
            .flat_map(|owner| names.iter().map(move |other| (owner, other)));
        let fit = pairs.filter(|(owner, other)| {
            owner != other && !tables(tree, other).is_some_and(|path| tree.has(&path))
        });
        let mutants = fit.filter_map(|(owner, other)| {
            let entity = tree
                .steps(&format!("services/{owner}/data_ownership"))
                .into_iter()
                .next()?;
            // Whoever is named after the data is told of as the one whose it is; a copy has an owner elsewhere.
            let named_after = owner.contains(entity.trim_end_matches('s'));
            let own = format!("services/{owner}/data_ownership/{entity}");
            tree.get(&format!("{own}/fields"))
                .filter(|_| !named_after && !tree.has(&format!("{own}/projection")))?;
            let path = format!("services/{other}/data_ownership/{entity}");
            let expected = Expected {
                rule: "entity-with-several-owners",
                subject: entity,
                at: vec![path.clone(), own],
            };
            Some(with(tree, &path, Tree::Map(Vec::new()), expected))
        });
        mutants.collect()
    },
};

/// The list of tables of a service.
fn tables(tree: &Tree, name: &str) -> Option<String> {
    let store = store(tree, name)?;
    ["tables", "collections"]
        .into_iter()
        .map(|key| format!("{store}/{key}"))
        .find(|path| tree.has(path))
}

pub(super) const DROPPED_TABLE: Kind = Kind {
    name: "the table that data is kept in is dropped",
    rules: &["owned-but-not-stored"],
    mutants: |tree| {
        let mut mutants = Vec::new();
        for name in services(tree) {
            let listed = tables(tree, &name)
                .map(|path| tree.paths(&path))
                .unwrap_or_default();
            for path in listed.iter().filter(|_| listed.len() > 1) {
                let table = tree
                    .text(path)
                    .or_else(|| tree.text(&format!("{path}/name")))
                    .unwrap_or_default();
                let owned = format!("services/{name}/data_ownership/{table}");
                if tree.has(&owned) {
                    mutants.push(without(
                        tree,
                        path,
                        expect("owned-but-not-stored", format!("{name}.{table}"), owned),
                    ));
                }
            }
        }
        mutants
    },
};

pub(super) const STRAY_TABLE: Kind = Kind {
    name: "a table is kept that nobody owns",
    rules: &["stored-but-not-owned"],
    mutants: |tree| {
        let listed = services(tree)
            .into_iter()
            .filter_map(|name| Some((tables(tree, &name)?, name)));
        let mutants = listed
            .filter(|(path, _)| matches!(tree.get(path), Some(Tree::List(_))))
            .map(|(path, name)| {
                let last = format!("{path}/{}", tree.steps(&path).len());
                with(
                    tree,
                    &last,
                    text("left_overs"),
                    expect(
                        "stored-but-not-owned",
                        format!("{name}.left_overs"),
                        last.clone(),
                    ),
                )
            });
        mutants.collect()
    },
};

pub(super) const NO_TEAM: Kind = Kind {
    name: "a service has no team",
    rules: &["service-without-boundary-or-team"],
    mutants: |tree| {
        // What most say is missing where it is not said: two others have to say it.
        let others = services(tree).len() > 2;
        let owned = services(tree)
            .into_iter()
            .filter(|_| others)
            .filter(|name| tree.has(&format!("services/{name}/team_ownership")));
        let mutants = owned.map(|name| {
            let expected = expect(
                "service-without-boundary-or-team",
                &name,
                format!("services/{name}"),
            );
            without(tree, &format!("services/{name}/team_ownership"), expected)
        });
        mutants.collect()
    },
};

pub(super) const ONE_DATABASE: Kind = Kind {
    name: "two services use one database",
    rules: &["shared-database"],
    mutants: |tree| {
        let bare: Vec<String> = services(tree)
            .into_iter()
            .filter(|name| store(tree, name).is_none())
            .collect();
        let pairs = bare.windows(2).map(|pair| {
            let mut tree = tree.clone();
            for name in pair {
                tree.put(
                    &format!("services/{name}/store"),
                    map([("database_type", "PostgreSQL"), ("database", "one_for_all")]),
                );
            }
            let at = pair
                .iter()
                .map(|name| format!("services/{name}/store/database"))
                .collect();
            Mutant {
                tree,
                expected: vec![Expected {
                    rule: "shared-database",
                    subject: pair[0].clone(),
                    at,
                }],
            }
        });
        pairs.collect()
    },
};

pub(super) const SECRET_IN_THE_FILE: Kind = Kind {
    name: "a password stands in the file",
    rules: &["literal-secret"],
    mutants: |tree| {
        let stores = services(tree)
            .into_iter()
            .filter_map(|name| Some((store(tree, &name)?, name)));
        let mutants = stores.map(|(store, name)| {
            let path = format!("{store}/password");
            with(
                tree,
                &path,
                text("correct-horse"),
                expect("literal-secret", name, path.clone()),
            )
        });
        mutants.collect()
    },
};

pub(super) const LARGE_TEAM: Kind = Kind {
    name: "a team is too large",
    rules: &["team-size-out-of-range"],
    mutants: |tree| {
        let sized = tree
            .named("teams")
            .into_iter()
            .filter(|(at, _)| tree.has(&format!("{at}/size")));
        let mutants = sized.map(|(at, name)| {
            let path = format!("{at}/size");
            with(
                tree,
                &path,
                text("14"),
                expect("team-size-out-of-range", name, path.clone()),
            )
        });
        mutants.collect()
    },
};

pub(super) const LARGE_CODE: Kind = Kind {
    name: "a service has too much code",
    rules: &["code-size"],
    mutants: |tree| {
        if tree.has("rules/code-size") {
            return Vec::new();
        }
        let mutants = services(tree).into_iter().map(|name| {
            let path = format!("services/{name}/loc");
            with(
                tree,
                &path,
                text("50001"),
                expect("code-size", name, path.clone()),
            )
        });
        mutants.collect()
    },
};

pub(super) const MISPLACED_SERVICE: Kind = Kind {
    name: "a service works with another team's services alone",
    rules: &["cross-team-coupling"],
    mutants: |tree| {
        let names = services(tree);
        let lone = |name: &String| {
            calls(tree, name).is_empty()
                && !is_meshed(tree, name)
                && !names
                    .iter()
                    .any(|other| calls(tree, other).iter().any(|(_, to)| to == name))
        };
        let free: Vec<&String> = names.iter().filter(|name| lone(name)).collect();
        let [first, others @ ..] = free.as_slice() else {
            return Vec::new();
        };
        // Its own team needs another member, or there is nobody that it could work with instead.
        if others.len() < 3
            || names.len() < 5
            || routes(tree)
                .iter()
                .any(|(at, to)| to == *first && tree.has(&format!("{at}/retries")))
        {
            return Vec::new();
        }
        let mut tree = tree.clone();
        tree.put("teams", Tree::Map(Vec::new()));
        for team in ["near_team", "far_team"] {
            tree.put(&format!("teams/{team}"), map([("size", "7")]));
        }
        for name in &names {
            let team = if others[..3].contains(&name) {
                "far_team"
            } else {
                "near_team"
            };
            tree.put(&format!("services/{name}/team_ownership"), text(team));
        }
        tree.put(&format!("services/{first}/calls"), Tree::List(Vec::new()));
        for (index, name) in others[..3].iter().enumerate() {
            let call = map([
                ("to", name),
                ("timeout", "1s"),
                ("retries", "0"),
                ("bulkhead", "{}"),
            ]);
            tree.put(&format!("services/{first}/calls/{index}"), call);
        }
        let at = ["", "/team_ownership"]
            .map(|step| format!("services/{first}{step}"))
            .to_vec();
        vec![Mutant {
            tree,
            expected: vec![Expected {
                rule: "cross-team-coupling",
                subject: (*first).clone(),
                at,
            }],
        }]
    },
};
