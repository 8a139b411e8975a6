//! A service that owns data and stores it nowhere has lost it, or claims what is another's.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::graph::ownership::primary_tables;
use crate::model::arena::{EntityId, StoreId};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("owned-but-not-stored"),
    family: Family::Ownership,
    severity: Severity::Warn,
    required: false,
    summary: "a service owns data that none of its tables holds",
    docs: include_str!("owned_but_not_stored.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let unstored = graph.model.entities.entries().filter(|(_, entity)| {
        graph.ownership.is_stored(entity.service, &entity.name) == Some(false)
    });
    // A service may own as many things as it has tables: each list is spelt once.
    let listed: Listed = primary_tables(graph.model)
        .map(|(store, _, tables)| {
            let names = tables.iter().map(|table| &table.name);
            (store, format!("stores {}", words::some(names, 8)))
        })
        .collect();
    unstored
        .map(|(id, _)| finding(graph, &listed, id))
        .collect()
}

/// What each primary store holds, in words.
type Listed = BTreeMap<StoreId, String>;

fn finding(graph: &Graph<'_>, listed: &Listed, id: EntityId) -> Finding {
    let entity = &graph.model.entities[id];
    let owner = &graph.model.services[entity.service];
    let service = &owner.name;
    let mut finding = RULE
        .finding(
            entity.name.span(),
            format!(
                "{service} owns \"{}\", but none of its tables or collections stores it",
                entity.name
            ),
        )
        .here("claimed here")
        .about(format!("{service}.{}", entity.name))
        .about(service.as_str());
    for store in &owner.stores {
        if let Some(listed) = listed.get(store) {
            finding = finding.label(graph.model.stores[*store].span, listed.clone());
        }
    }
    finding.help(format!(
        "add \"{}\" to the tables of {service}, or leave it to the service that stores it",
        entity.name
    ))
}
