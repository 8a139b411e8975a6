//! Calls between services, and what keeps them from harm.

use super::{Expected, Kind, calls, expect, is_meshed, operations, services, with, without};
use crate::tree::{Tree, map, text};

/// All calls between services: caller, path, callee.
fn all(tree: &Tree) -> Vec<(String, String, String)> {
    let names = services(tree);
    let each = names.iter().flat_map(|name| {
        calls(tree, name)
            .into_iter()
            .map(move |(at, to)| (name.clone(), at, to))
    });
    each.filter(|(_, _, to)| names.contains(to)).collect()
}

pub(super) const CIRCLE: Kind = Kind {
    name: "a circle is closed",
    rules: &["sync-cycle"],
    mutants: |tree| {
        let calls = all(tree);
        let mutants = calls
            .iter()
            .filter(|(caller, _, _)| !is_meshed(tree, caller))
            .map(|(caller, at, callee)| {
                let back = format!(
                    "services/{callee}/calls/{}",
                    tree.steps(&format!("services/{callee}/calls")).len()
                );
                let mut tree = tree.clone();
                if !tree.has(&format!("services/{callee}/calls")) {
                    tree.put(&format!("services/{callee}/calls"), Tree::List(Vec::new()));
                }
                let call = map([
                    ("to", caller),
                    ("timeout", "1ms"),
                    ("retries", "0"),
                    ("bulkhead", "{}"),
                ]);
                let at = vec![format!("{at}/to"), format!("{back}/to")];
                with(
                    &tree,
                    &back,
                    call,
                    Expected {
                        rule: "sync-cycle",
                        subject: String::new(),
                        at,
                    },
                )
            });
        mutants.collect()
    },
};

pub(super) const NO_TIMEOUT: Kind = Kind {
    name: "a timeout is removed",
    rules: &["missing-timeout"],
    mutants: |tree| {
        if tree.has("resilience/timeout") {
            return Vec::new();
        }
        let timed = all(tree)
            .into_iter()
            .filter(|(_, at, _)| tree.has(&format!("{at}/timeout")));
        let mutants = timed.map(|(caller, at, callee)| {
            without(
                tree,
                &format!("{at}/timeout"),
                expect(
                    "missing-timeout",
                    format!("{caller} -> {callee}"),
                    format!("{at}/to"),
                ),
            )
        });
        mutants.collect()
    },
};

pub(super) const SHORT_TIMEOUT: Kind = Kind {
    name: "a timeout is shorter than the callee's own",
    rules: &["timeout-inversion"],
    mutants: |tree| {
        let calls = all(tree);
        let waits = |name: &str| calls.iter().filter(|(caller, _, _)| caller == name).count() == 1;
        let fit = calls
            .iter()
            .filter(|(_, _, callee)| waits(callee) && !is_meshed(tree, callee));
        let mutants = fit.map(|(caller, at, callee)| {
            let path = format!("{at}/timeout");
            // What only reads waits for nobody: a call of any operation is one of those that ask.
            let mut tree = tree.clone();
            tree.take(&format!("{at}/operations"));
            with(
                &tree,
                &path,
                text("1ms"),
                expect(
                    "timeout-inversion",
                    format!("{caller} -> {callee}"),
                    path.clone(),
                ),
            )
        });
        mutants.collect()
    },
};

pub(super) const NO_PROTECTION: Kind = Kind {
    name: "nothing protects a call",
    rules: &["unprotected-hard-dependency"],
    mutants: |tree| {
        if tree.has("resilience/circuit_breakers/default")
            || tree.has("resilience/bulkheads/default")
        {
            return Vec::new();
        }
        let hard = all(tree).into_iter().filter(|(_, at, _)| {
            !["dependency", "fallback"]
                .iter()
                .any(|key| tree.has(&format!("{at}/{key}")))
        });
        let mutants = hard.map(|(caller, at, callee)| {
            let mut tree = tree.clone();
            tree.take(&format!("{at}/bulkhead"));
            without(
                &tree,
                &format!("{at}/circuit_breaker"),
                expect(
                    "unprotected-hard-dependency",
                    format!("{caller} -> {callee}"),
                    format!("{at}/to"),
                ),
            )
        });
        mutants.collect()
    },
};

pub(super) const BREAKER_WITHOUT_WINDOW: Kind = Kind {
    name: "a breaker counts failures within no time",
    rules: &["incomplete-circuit-breaker"],
    mutants: |tree| {
        let inline = all(tree)
            .into_iter()
            .filter(|(_, at, _)| tree.has(&format!("{at}/circuit_breaker/monitor_window")));
        let mutants = inline.map(|(caller, at, callee)| {
            let path = format!("{at}/circuit_breaker/monitor_window");
            with(
                tree,
                &path,
                text("0ms"),
                expect(
                    "incomplete-circuit-breaker",
                    format!("{caller} -> {callee}"),
                    format!("{at}/circuit_breaker"),
                ),
            )
        });
        mutants.collect()
    },
};

pub(super) const WRITING_GET: Kind = Kind {
    name: "a GET changes something",
    rules: &["state-changing-get"],
    mutants: |tree| {
        let all = services(tree).into_iter().flat_map(|name| {
            operations(tree, &name)
                .into_iter()
                .map(move |operation| (name.clone(), operation))
        });
        let reads = all.filter(|(_, (at, _))| {
            tree.text(&format!("{at}/method")) == Some("GET") && !tree.has(&format!("{at}/cache"))
        });
        let mutants = reads.map(|(name, (at, operation))| {
            let expected = expect(
                "state-changing-get",
                format!("{name}.{operation}"),
                format!("{at}/path"),
            );
            with(tree, &format!("{at}/effect"), text("write"), expected)
        });
        mutants.collect()
    },
};
