//! Mesh, caches, observability and policies.

use super::{Expected, Kind, calls, expect, services, with};
use crate::tree::{Tree, text};

pub(super) const SHARES_NOT_ADDING_UP: Kind = Kind {
    name: "shares do not add up",
    rules: &["bad-weights"],
    mutants: |tree| {
        let split = services(tree)
            .into_iter()
            .filter(|name| tree.has(&format!("mesh/services/{name}/canary")));
        let mutants = split.flat_map(|name| {
            let canary = format!("mesh/services/{name}/canary");
            let versions = tree.steps(&canary).into_iter();
            versions.map(move |version| {
                let at = tree.paths(&canary);
                let path = format!("{canary}/{version}");
                with(
                    tree,
                    &path,
                    text("3"),
                    Expected {
                        rule: "bad-weights",
                        subject: name.clone(),
                        at,
                    },
                )
            })
        });
        mutants.collect()
    },
};

pub(super) const NO_MUTUAL_TLS: Kind = Kind {
    name: "the mesh asks for no mutual TLS",
    rules: &["mtls-missing-or-contradictory"],
    mutants: |tree| {
        if !tree.has("mesh/mtls") {
            return Vec::new();
        }
        vec![with(
            tree,
            "mesh/mtls",
            text("PERMISSIVE"),
            expect("mtls-missing-or-contradictory", "mtls", "mesh/mtls"),
        )]
    },
};

pub(super) const STALE_CACHE: Kind = Kind {
    name: "memory keeps longer than what is behind it",
    rules: &["staleness-or-ttl-order"],
    mutants: |tree| {
        let two = tree.named("caches").into_iter().filter(|(at, _)| {
            ["l1_cache", "l2_cache"]
                .iter()
                .all(|level| tree.has(&format!("{at}/{level}/ttl")))
        });
        let mutants = two.map(|(at, name)| {
            let path = format!("{at}/l1_cache/ttl");
            with(
                tree,
                &path,
                text("40d"),
                expect("staleness-or-ttl-order", name, path.clone()),
            )
        });
        mutants.collect()
    },
};

pub(super) const ENDLESS_LABEL: Kind = Kind {
    name: "a label has no end of values",
    rules: &["high-cardinality-label"],
    mutants: |tree| {
        let custom = tree.named("observability/metrics/custom").into_iter();
        let mutants = custom.filter_map(|(at, name)| {
            let event = tree
                .named("events")
                .into_iter()
                .find(|(_, event)| tree.text(&format!("{at}/on")) == Some(event))?
                .0;
            let mut schema = tree.steps(&format!("{event}/schema")).into_iter();
            let endless = schema
                .find(|field| tree.text(&format!("{event}/schema/{field}")) == Some("uuid"))?;
            let labels = format!("{at}/labels");
            Some(with(
                tree,
                &labels,
                Tree::List(vec![text(endless)]),
                expect("high-cardinality-label", name, format!("{labels}/0")),
            ))
        });
        mutants.collect()
    },
};

pub(super) const SHORT_BUCKETS: Kind = Kind {
    name: "the last bucket ends before the longest wait",
    rules: &["histogram-below-timeout"],
    mutants: |tree| {
        let mut tree = tree.clone();
        tree.put(
            "observability/metrics/buckets",
            Tree::List(vec![text("0.01"), text("0.1")]),
        );
        let expected = expect(
            "histogram-below-timeout",
            "metrics",
            "observability/metrics/buckets/0",
        );
        vec![super::Mutant {
            tree,
            expected: vec![expected],
        }]
    },
};

pub(super) const WAVES_OF_RETRIES: Kind = Kind {
    name: "all callers try again at the same moments",
    rules: &["retry-without-backoff"],
    mutants: |tree| {
        let names = services(tree);
        let calls: Vec<_> = names
            .iter()
            .flat_map(|name| {
                calls(tree, name)
                    .into_iter()
                    .map(move |(at, to)| (name, at, to))
            })
            .collect();
        let named = tree.named("resilience/retries").into_iter();
        let mutants = named.filter_map(|(at, name)| {
            let (caller, _, callee) = calls
                .iter()
                .find(|(_, call, _)| tree.text(&format!("{call}/retry")) == Some(&name))?;
            Some(with(
                tree,
                &format!("{at}/jitter"),
                text("false"),
                expect("retry-without-backoff", format!("{caller} -> {callee}"), at),
            ))
        });
        mutants.collect()
    },
};
