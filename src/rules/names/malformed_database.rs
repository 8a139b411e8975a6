//! What a PostgreSQL server is asked to make, by which name, and who logs in: names that stand in addresses and commands as they are.

use crate::graph::Graph;
use crate::model::service::{Engine, Store, StoreRole};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Spanned;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("malformed-database"),
    family: Family::Names,
    severity: Severity::Error,
    required: true,
    summary: "the database, schema or user of a PostgreSQL store has a name that the server cannot give it",
    docs: include_str!("malformed_database.md"),
    check: Check::Graph(check),
};

/// The longest name that PostgreSQL keeps (`NAMEDATALEN` less one).
const LONGEST: usize = 63;

/// What every server has from the beginning.
const DATABASES: &[&str] = &["postgres", "template0", "template1"];
const SCHEMAS: &[&str] = &["information_schema"];
const USERS: &[&str] = &["none", "postgres", "public"];

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let stores = graph.model.stores.iter();
    let used = stores
        .filter(|store| store.role == StoreRole::Primary && store.driver() == Engine::Postgres);
    used.flat_map(|store| names(graph, store)).collect()
}

fn names(graph: &Graph<'_>, store: &Store) -> Vec<Finding> {
    let service = &graph.model.services[store.service].name;
    // Where the file names none, the database and its user are called like the service.
    let own = || Spanned::new(service.snake().to_owned(), service.span());
    let or_own = |name: &Option<Spanned<String>>| Some(name.clone().unwrap_or_else(own));
    let named = [
        ("database", or_own(&store.database), DATABASES),
        ("schema", store.schema.clone(), SCHEMAS),
        ("user", or_own(&store.user), USERS),
    ];
    let found = named.into_iter().filter_map(|(what, name, taken)| {
        let name = name?;
        let wrong = wrong(what, &name.value, taken)?;
        let message = format!("{what} of {service}: {wrong}");
        Some(
            RULE.finding(name.span, message)
                .here("is no name for it")
                .about(service.as_str())
                .help(format!(
                    "name another {what}; the form is: small letters, digits, `_` and `$`, a letter or `_` first, at most {LONGEST} characters"
                )),
        )
    });
    found.collect()
}

/// What is wrong with a name, if anything is.
fn wrong(what: &str, text: &str, taken: &[&str]) -> Option<String> {
    // A user may be told by a variable, which nobody knows here.
    if what == "user" && text.contains("${") {
        return None;
    }
    if !is_identifier(text) {
        return Some(format!("{text:?} is no name in PostgreSQL"));
    }
    // `pg_` is the server's own, but for databases.
    let own = what != "database" && text.starts_with("pg_");
    (own || taken.contains(&text)).then(|| format!("{text} is PostgreSQL's own"))
}

/// Whether PostgreSQL takes a text for a name that needs no quotes and loses nothing.
fn is_identifier(text: &str) -> bool {
    let first = |c: char| c.is_ascii_lowercase() || c == '_';
    text.len() <= LONGEST
        && text.starts_with(first)
        && text
            .chars()
            .all(|c| first(c) || c.is_ascii_digit() || c == '$')
}
