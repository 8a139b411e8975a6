//! The kinds of mutations: each finds the places that it fits, and says what has to be told of it, and where.

mod calls;
mod edges;
mod events;
mod names;
mod ownership;
mod platform;
mod sagas;

use super::tree::Tree;

/// A finding that has to be there.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    pub(crate) rule: &'static str,
    /// What it is about before all else.
    pub(crate) subject: String,
    /// The path that it lies at; one of several where the rule may choose.
    pub(crate) at: Vec<String>,
}

/// An architecture with one thing done to it.
#[derive(Debug, Clone)]
pub(crate) struct Mutant {
    pub(crate) tree: Tree,
    pub(crate) expected: Vec<Expected>,
}

/// One kind of mutation.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// The rules that tell of it.
    pub(crate) rules: &'static [&'static str],
    /// One mutant for each place that it fits.
    pub(crate) mutants: fn(&Tree) -> Vec<Mutant>,
}

/// All of them.
pub(crate) const KINDS: &[Kind] = &[
    names::MISSPELT_KEY,
    names::WORD_FOR_A_MAP,
    names::KEY_TWICE,
    names::PORT_TWICE,
    names::OPERATION_TWICE,
    names::NAME_OF_NOTHING,
    names::VALUE_FOR_NO_FIELD,
    names::UNKNOWN_RULE,
    names::NEEDLESS_EXCEPTION,
    ownership::SECOND_OWNER,
    ownership::DROPPED_TABLE,
    ownership::STRAY_TABLE,
    ownership::NO_TEAM,
    ownership::ONE_DATABASE,
    ownership::SECRET_IN_THE_FILE,
    ownership::LARGE_TEAM,
    ownership::LARGE_CODE,
    ownership::MISPLACED_SERVICE,
    calls::CIRCLE,
    calls::NO_TIMEOUT,
    calls::SHORT_TIMEOUT,
    calls::NO_PROTECTION,
    calls::BREAKER_WITHOUT_WINDOW,
    calls::WRITING_GET,
    events::DROPPED_PRODUCER,
    events::NOBODY_PRODUCES,
    events::NOBODY_CONSUMES,
    events::SECOND_PRODUCER,
    events::BLIND_CONSUMER,
    events::LOSSY,
    events::NO_OUTBOX,
    events::NEVER_RAISED,
    sagas::NO_COMPENSATION,
    sagas::SWAPPED_COMPENSATIONS,
    sagas::UNSAFE_STEP_AFTER_THE_PIVOT,
    sagas::UNBOUND_INPUT,
    edges::UNSAFE_RETRY,
    edges::DEAD_ROUTE,
    edges::SPELT_OUT_ADDRESS,
    edges::NO_AUTHENTICATION,
    edges::LATE_LOGGING,
    edges::OPEN_KEYS,
    platform::SHARES_NOT_ADDING_UP,
    platform::NO_MUTUAL_TLS,
    platform::STALE_CACHE,
    platform::ENDLESS_LABEL,
    platform::SHORT_BUCKETS,
    platform::WAVES_OF_RETRIES,
];

/// A finding at a path.
fn expect(rule: &'static str, subject: impl Into<String>, at: impl Into<String>) -> Expected {
    Expected {
        rule,
        subject: subject.into(),
        at: vec![at.into()],
    }
}

/// The tree with something put at a path.
fn with(tree: &Tree, path: &str, value: Tree, expected: Expected) -> Mutant {
    let mut tree = tree.clone();
    tree.put(path, value);
    Mutant {
        tree,
        expected: vec![expected],
    }
}

/// The tree without what is at a path.
fn without(tree: &Tree, path: &str, expected: Expected) -> Mutant {
    let mut tree = tree.clone();
    tree.take(path);
    Mutant {
        tree,
        expected: vec![expected],
    }
}

/// The path of a service.
fn service(name: &str) -> String {
    format!("services/{name}")
}

/// The names of the services.
fn services(tree: &Tree) -> Vec<String> {
    tree.named("services")
        .into_iter()
        .map(|(_, name)| name)
        .collect()
}

/// The primary store of a service, wherever it is written.
fn store(tree: &Tree, name: &str) -> Option<String> {
    [
        format!("services/{name}/store"),
        format!("data_management/{name}"),
    ]
    .into_iter()
    .find(|path| tree.has(path))
}

/// The calls of a service: path and callee.
fn calls(tree: &Tree, name: &str) -> Vec<(String, String)> {
    let paths = tree.paths(&format!("services/{name}/calls")).into_iter();
    paths
        .filter_map(|path| {
            tree.text(&format!("{path}/to"))
                .map(str::to_owned)
                .map(|to| (path, to))
        })
        .collect()
}

/// The routes: path and service.
fn routes(tree: &Tree) -> Vec<(String, String)> {
    let paths = tree.paths("gateway/routes").into_iter();
    paths
        .filter_map(|path| {
            tree.text(&format!("{path}/service"))
                .map(str::to_owned)
                .map(|to| (path, to))
        })
        .collect()
}

/// Whether the mesh says anything of a service.
fn is_meshed(tree: &Tree, name: &str) -> bool {
    tree.has(&format!("mesh/services/{name}"))
}

/// The operations of a service that are written as records: path and name.
fn operations(tree: &Tree, name: &str) -> Vec<(String, String)> {
    let named = tree
        .named(&format!("services/{name}/endpoints"))
        .into_iter();
    named
        .filter(|(path, _)| tree.has(&format!("{path}/method")))
        .collect()
}

/// Where the name of what is declared at a path is written: its key, or its `name` in a list.
fn entry(tree: &Tree, at: &str) -> String {
    let named = format!("{at}/name");
    if tree.has(&named) {
        named
    } else {
        at.to_owned()
    }
}
