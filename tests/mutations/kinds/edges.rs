//! The gateway: what comes in, and who may.

use super::{Kind, Mutant, calls, expect, is_meshed, operations, routes, with};
use crate::tree::{Tree, text};

pub(super) const UNSAFE_RETRY: Kind = Kind {
    name: "a route repeats requests that must not be repeated",
    rules: &["retry-of-unsafe-method"],
    mutants: |tree| {
        let fit = routes(tree).into_iter().filter(|(at, to)| {
            let methods = tree.texts(&format!("{at}/method"));
            let posts = operations(tree, to)
                .iter()
                .any(|(path, _)| is_unsafe(tree, path) && lies_behind(tree, at, path));
            let quiet = calls(tree, to).is_empty()
                && !is_meshed(tree, to)
                && !tree.has(&format!("{at}/idempotency_key"));
            posts
                && quiet
                && methods
                    .iter()
                    .any(|method| ["ALL", "POST"].contains(method))
        });
        let mutants = fit.map(|(at, _)| {
            let mut tree = tree.clone();
            tree.take(&format!("{at}/retry_methods"));
            let path = format!("{at}/retries");
            let route = route(&tree, &at);
            with(
                &tree,
                &path,
                text("2"),
                expect("retry-of-unsafe-method", route, path.clone()),
            )
        });
        mutants.collect()
    },
};

/// Whether an operation does its work again when it is asked again, and nothing tells that it is.
fn is_unsafe(tree: &Tree, operation: &str) -> bool {
    let works = tree.text(&format!("{operation}/effect")) != Some("read")
        || tree.has(&format!("{operation}/emits"));
    works
        && tree.text(&format!("{operation}/method")) == Some("POST")
        && tree.text(&format!("{operation}/idempotency_key")) != Some("required")
}

/// Whether a route leads to an operation.
fn lies_behind(tree: &Tree, route: &str, operation: &str) -> bool {
    let outside = tree.text(&format!("{route}/path")).unwrap_or_default();
    let base = outside.trim_end_matches("/*");
    let base = tree.text(&format!("{route}/rewrite")).unwrap_or(base);
    let path = tree.text(&format!("{operation}/path")).unwrap_or_default();
    let rest = path.strip_prefix(base).unwrap_or("nowhere");
    rest.is_empty() || rest.starts_with('/') && outside.ends_with("/*")
}

fn route(tree: &Tree, at: &str) -> String {
    tree.text(&format!("{at}/path"))
        .unwrap_or_default()
        .to_owned()
}

pub(super) const DEAD_ROUTE: Kind = Kind {
    name: "a route leads to no operation",
    rules: &["dead-route"],
    mutants: |tree| {
        let fit = routes(tree)
            .into_iter()
            .filter(|(_, to)| !operations(tree, to).is_empty());
        let mutants = fit.map(|(at, _)| {
            with(
                tree,
                &format!("{at}/rewrite"),
                text("/back-of-beyond"),
                expect("dead-route", route(tree, &at), format!("{at}/path")),
            )
        });
        mutants.collect()
    },
};

pub(super) const SPELT_OUT_ADDRESS: Kind = Kind {
    name: "a route repeats the address of its service",
    rules: &["hard-coded-endpoint"],
    mutants: |tree| {
        let ported = routes(tree).into_iter().filter_map(|(at, to)| {
            let port = tree.text(&format!("services/{to}/port"))?;
            let path = format!("{at}/endpoint");
            let address = format!("\"http://{to}:{port}\"");
            Some(with(
                tree,
                &path,
                text(address),
                expect("hard-coded-endpoint", route(tree, &at), path.clone()),
            ))
        });
        ported.collect()
    },
};

pub(super) const NO_AUTHENTICATION: Kind = Kind {
    name: "nobody says whose tokens hold",
    rules: &["unauthenticated-route"],
    mutants: |tree| {
        let scoped = tree.print().text.contains("scope:");
        if scoped || !tree.has("gateway/authentication") {
            return Vec::new();
        }
        let closed = routes(tree)
            .into_iter()
            .filter(|(at, _)| !tree.has(&format!("{at}/public")));
        let expected = closed
            .map(|(at, _)| {
                expect(
                    "unauthenticated-route",
                    route(tree, &at),
                    format!("{at}/path"),
                )
            })
            .collect();
        let mut tree = tree.clone();
        tree.take("gateway/authentication");
        vec![Mutant { tree, expected }]
    },
};

pub(super) const LATE_LOGGING: Kind = Kind {
    name: "what is refused leaves no trace",
    rules: &["middleware-order-or-limit-key"],
    mutants: |tree| {
        let list = "gateway/middleware";
        let Some(at) = tree.texts(list).iter().position(|name| *name == "logging") else {
            return Vec::new();
        };
        let mut tree = tree.clone();
        let logging = tree
            .take(&format!("{list}/{at}"))
            .unwrap_or_else(|| text(""));
        let last = format!("{list}/{}", tree.steps(list).len());
        let expected = expect("middleware-order-or-limit-key", "logging", last.clone());
        vec![with(&tree, &last, logging, expected)]
    },
};

pub(super) const OPEN_KEYS: Kind = Kind {
    name: "the keys of tokens come over plain text",
    rules: &["plaintext-or-unauthenticated-call"],
    mutants: |tree| {
        let path = "gateway/authentication/jwks";
        if !tree.has(path) {
            return Vec::new();
        }
        vec![with(
            tree,
            path,
            text("\"http://id.elsewhere.example/jwks.json\""),
            expect("plaintext-or-unauthenticated-call", "gateway", path),
        )]
    },
};
