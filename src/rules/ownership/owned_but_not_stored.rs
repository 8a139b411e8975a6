//! A service that owns data and stores it nowhere has lost it, or claims what is another's.

use crate::graph::Graph;
use crate::model::arena::EntityId;
use crate::model::service::StoreRole;
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
    unstored.map(|(id, _)| finding(graph, id)).collect()
}

fn finding(graph: &Graph<'_>, id: EntityId) -> Finding {
    let entity = &graph.model.entities[id];
    let owner = &graph.model.services[entity.service];
    let service = &owner.name;
    let stores = owner
        .stores
        .iter()
        .map(|store| &graph.model.stores[*store])
        .filter(|store| store.role == StoreRole::Primary);
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
    for store in stores {
        let listed = words::some(store.tables.iter().flatten().map(|table| &table.name), 8);
        finding = finding.label(store.span, format!("stores {listed}"));
    }
    finding.help(format!(
        "add \"{}\" to the tables of {service}, or leave it to the service that stores it",
        entity.name
    ))
}
