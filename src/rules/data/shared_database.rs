//! Services that share a database change each other's tables, and are deployed together or not at all.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::arena::{ServiceId, StoreId};
use crate::model::service::Store;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Spanned;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("shared-database"),
    family: Family::Data,
    severity: Severity::Error,
    required: false,
    summary: "two services use one database",
    docs: include_str!("shared_database.md"),
    check: Check::Graph(check),
};

type Database = (String, Option<String>, String);

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let mut databases: BTreeMap<Database, BTreeMap<Option<String>, Vec<StoreId>>> = BTreeMap::new();
    for (id, store) in graph.model.stores.entries() {
        if let Some(database) = &store.database {
            let place = (
                store.engine.value.to_lowercase(),
                owned(&store.host),
                database.value.clone(),
            );
            databases
                .entry(place)
                .or_default()
                .entry(owned(&store.schema))
                .or_default()
                .push(id);
        }
    }
    databases
        .iter()
        .flat_map(|((_, _, database), schemas)| of_database(graph, database, schemas))
        .collect()
}

fn of_database(
    graph: &Graph<'_>,
    database: &str,
    schemas: &BTreeMap<Option<String>, Vec<StoreId>>,
) -> Vec<Finding> {
    let shared: Vec<Finding> = schemas
        .iter()
        .filter_map(|(schema, stores)| shared_schema(graph, database, schema.as_deref(), stores))
        .collect();
    if !shared.is_empty() {
        return shared;
    }
    let all: Vec<StoreId> = schemas.values().flatten().copied().collect();
    let users = users(graph, &all);
    if users.len() < 2 || explained(graph, &users) || same_login(graph, &users) {
        return Vec::new();
    }
    let message = format!(
        "{} use schemas of one database, \"{database}\"",
        services(graph, &users)
    );
    let finding = RULE
        .advice(place(&graph.model.stores[users[1].1]), message)
        .here("the same database");
    vec![
        mark(graph, finding, &users)
            .help("a login for each service that sees only its own schema keeps them apart"),
    ]
}

fn shared_schema(
    graph: &Graph<'_>,
    database: &str,
    schema: Option<&str>,
    stores: &[StoreId],
) -> Option<Finding> {
    let users = users(graph, stores);
    if users.len() < 2 || explained(graph, &users) {
        return None;
    }
    let what = schema.map_or_else(
        || format!("database \"{database}\""),
        |schema| format!("schema \"{schema}\" of database \"{database}\""),
    );
    let together = if users.len() == 2 { "both" } else { "all" };
    let message = format!("{} {together} use {what}", services(graph, &users));
    let finding = RULE
        .finding(place(&graph.model.stores[users[1].1]), message)
        .here("used here too");
    Some(
        mark(graph, finding, &users)
            .help("give each service a database, or a schema and a login, of its own"),
    )
}

/// The services behind some stores, each with its first store.
fn users(graph: &Graph<'_>, stores: &[StoreId]) -> Vec<(ServiceId, StoreId)> {
    let mut users: Vec<(ServiceId, StoreId)> = Vec::new();
    for store in stores {
        let service = graph.model.stores[*store].service;
        if users.iter().all(|(user, _)| *user != service) {
            users.push((service, *store));
        }
    }
    users.sort_by_key(|(_, store)| *store);
    users
}

/// Two services of which one touches the other's tables are told of that instead.
fn explained(graph: &Graph<'_>, users: &[(ServiceId, StoreId)]) -> bool {
    users.len() == 2 && graph.ownership.touches(users[0].0, users[1].0)
}

/// Services that log in as one user are told of that instead: their schemas keep nothing apart.
fn same_login(graph: &Graph<'_>, users: &[(ServiceId, StoreId)]) -> bool {
    let login = |(_, store): &(ServiceId, StoreId)| owned(&graph.model.stores[*store].user);
    let mut logins: Vec<String> = users.iter().filter_map(login).collect();
    let known = logins.len();
    logins.sort();
    logins.dedup();
    logins.len() < known && logins.iter().all(|login| !login.contains("${"))
}

fn mark(graph: &Graph<'_>, mut finding: Finding, users: &[(ServiceId, StoreId)]) -> Finding {
    for (index, (service, store)) in users.iter().enumerate() {
        let name = &graph.model.services[*service].name;
        if index != 1 {
            finding = finding.label(
                place(&graph.model.stores[*store]),
                format!("used by {name}"),
            );
        }
        finding = finding.about(name.as_str());
    }
    finding
}

fn services(graph: &Graph<'_>, users: &[(ServiceId, StoreId)]) -> String {
    words::list(
        users
            .iter()
            .map(|(service, _)| &graph.model.services[*service].name),
    )
}

fn place(store: &Store) -> crate::syntax::source::Span {
    store
        .database
        .as_ref()
        .map_or(store.span, |database| database.span)
}

fn owned(part: &Option<Spanned<String>>) -> Option<String> {
    part.as_ref().map(|part| part.value.clone())
}
