//! A service with two sources of truth is two services.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::arena::ServiceId;
use crate::model::service::{Store, StoreRole};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("multiple-databases"),
    family: Family::Data,
    severity: Severity::Warn,
    required: false,
    summary: "a service has more than one primary database",
    docs: include_str!("multiple_databases.md"),
    check: Check::Limited { limit: 1.0, check },
};

fn check(graph: &Graph<'_>, limit: f64) -> Vec<Finding> {
    graph
        .model
        .services
        .ids()
        .filter_map(|service| finding(graph, service, limit))
        .collect()
}

fn finding(graph: &Graph<'_>, id: ServiceId, limit: f64) -> Option<Finding> {
    let service = &graph.model.services[id];
    let mut databases: BTreeMap<_, &Store> = BTreeMap::new();
    for store in service
        .stores
        .iter()
        .map(|store| &graph.model.stores[*store])
        .filter(|store| store.role == StoreRole::Primary)
    {
        let place = |part: &Option<crate::syntax::source::Spanned<String>>| {
            part.as_ref().map(|part| part.value.clone())
        };
        databases
            .entry((
                store.engine.value.to_lowercase(),
                place(&store.host),
                place(&store.database),
            ))
            .or_insert(store);
    }
    if databases.len() as f64 <= limit {
        return None;
    }
    let mut stores: Vec<_> = databases.into_values().collect();
    stores.sort_by_key(|store| store.span);
    let names = words::list(stores.iter().map(|store| called(store)));
    let message = format!(
        "{} has {} ({names}); the limit is {limit}",
        service.name,
        words::count(stores.len(), "primary database")
    );
    let mut finding = RULE
        .finding(stores[stores.len() - 1].span, message)
        .here("one more source of truth")
        .about(service.name.as_str());
    for store in &stores[..stores.len() - 1] {
        finding = finding.label(store.span, "a source of truth");
    }
    Some(finding.help("say what the others are for (`role: search`, `cache`, `analytics`, `event_store` or `session`), or split the service along them"))
}

fn called(store: &Store) -> String {
    match &store.database {
        Some(database) => format!("{} {database}", store.engine),
        None => store.engine.value.clone(),
    }
}
