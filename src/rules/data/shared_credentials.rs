//! A login that two services share opens the data of each to the other.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::arena::{ServiceId, StoreId};
use crate::model::service::Store;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("shared-credentials"),
    family: Family::Data,
    severity: Severity::Warn,
    required: false,
    summary: "two services log in to one database server as the same user",
    docs: include_str!("shared_credentials.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let mut logins: BTreeMap<Login<'_>, BTreeMap<ServiceId, StoreId>> = BTreeMap::new();
    for (id, store) in graph.model.stores.entries() {
        if let Some(login) = login(store) {
            let users = logins.entry(login).or_default();
            users.entry(store.service).or_insert(id);
        }
    }
    let shared = logins.iter().filter(|(_, users)| users.len() > 1);
    let told = shared.filter(|(_, users)| !is_one_database(graph, users));
    told.filter_map(|(login, users)| finding(graph, login, users))
        .collect()
}

/// Engine, server, user.
type Login<'m> = (String, Server<'m>, &'m str);

/// A server by its name; where none is given, by the database that two services name alike.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Server<'m> {
    Host(&'m str),
    Database(&'m str),
}

/// How a store is logged in to. What the environment says is not known here.
fn login(store: &Store) -> Option<Login<'_>> {
    let known = |text: &&str| !text.contains("${");
    let user = store
        .user
        .as_ref()
        .map(|user| user.value.as_str())
        .filter(known)?;
    let host = store.host.as_ref().map(|host| host.value.as_str());
    let database = store.database.as_ref().map(|name| name.value.as_str());
    let server = match (host, database) {
        (Some(host), _) => Server::Host(host),
        (None, Some(database)) => Server::Database(database),
        (None, None) => return None,
    };
    let (Server::Host(place) | Server::Database(place)) = server;
    known(&place).then(|| (store.engine.to_lowercase(), server, user))
}

/// Services that share a schema are told of that: one login follows from it.
fn is_one_database(graph: &Graph<'_>, users: &BTreeMap<ServiceId, StoreId>) -> bool {
    let place = |store: &StoreId| {
        let store = &graph.model.stores[*store];
        let text = |part: &Option<crate::syntax::source::Spanned<String>>| {
            part.as_ref().map(|part| part.value.clone())
        };
        text(&store.database).map(|database| (database, text(&store.schema)))
    };
    let mut places = users.values().map(place);
    let first = places.next().flatten();
    first.is_some() && places.all(|place| place == first)
}

fn finding(
    graph: &Graph<'_>,
    (_, server, user): &Login<'_>,
    users: &BTreeMap<ServiceId, StoreId>,
) -> Option<Finding> {
    let model = graph.model;
    let mut stores: Vec<&Store> = users.values().map(|store| &model.stores[*store]).collect();
    stores.sort_by_key(|store| store.span);
    let names = words::list(
        stores
            .iter()
            .map(|store| &model.services[store.service].name),
    );
    let together = if stores.len() == 2 { "both" } else { "all" };
    let place = match server {
        Server::Host(host) => (*host).to_owned(),
        Server::Database(database) => format!("the server of \"{database}\""),
    };
    let message = format!("{names} {together} log in to {place} as {user}");
    let at = |store: &Store| store.user.as_ref().map_or(store.span, |user| user.span);
    let second = stores.get(1)?;
    let mut finding = RULE.finding(at(second), message).here("the same user");
    for (index, store) in stores.iter().enumerate() {
        let name = &model.services[store.service].name;
        if index != 1 {
            finding = finding.label(at(store), format!("used by {name}"));
        }
        finding = finding.about(name.as_str());
    }
    Some(finding.help("give each service a user of its own that sees its own schema alone"))
}
