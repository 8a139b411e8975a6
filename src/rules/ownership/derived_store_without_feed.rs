//! A copy that nothing feeds is empty, or filled in a way that nobody has written down.

use crate::graph::Graph;
use crate::model::arena::ServiceId;
use crate::model::name::Name;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("derived-store-without-feed"),
    family: Family::Ownership,
    severity: Severity::Warn,
    required: false,
    summary: "a service keeps copies that no event, call or operation feeds",
    docs: include_str!("derived_store_without_feed.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let services = graph.model.services.ids();
    services
        .filter_map(|service| finding(graph, service))
        .collect()
}

fn finding(graph: &Graph<'_>, id: ServiceId) -> Option<Finding> {
    if is_fed(graph, id) {
        return None;
    }
    let copies = copies(graph, id);
    let first = copies.first()?;
    let name = &graph.model.services[id].name;
    let names = words::some(copies.iter().map(|copy| format!("\"{copy}\"")), 6);
    let message = format!("{name} keeps {names} as a copy, and nothing feeds it");
    Some(
        RULE.finding(first.span(), message)
            .here("derived from elsewhere, it says")
            .about(name.as_str())
            .help(format!(
                "name {name} as a consumer of the event that brings the data, or declare the call or the operation that does"
            )),
    )
}

/// Whether anything from outside reaches a service, or its own aggregates write what it shows.
fn is_fed(graph: &Graph<'_>, id: ServiceId) -> bool {
    let model = graph.model;
    let service = &model.services[id];
    let operations = service.endpoints.iter().map(|id| &model.endpoints[*id]);
    let mut written = operations.map(|endpoint| endpoint.writes || !endpoint.effects.is_empty());
    !service.consumers.is_empty()
        || !service.calls.is_empty()
        || !service.aggregates.is_empty()
        || !service.access.is_empty()
        || graph.activity.is_in_a_saga(id)
        || written.any(|writes| writes)
}

/// Owned data and tables that are marked as derived, each once.
fn copies<'m>(graph: &Graph<'m>, id: ServiceId) -> Vec<&'m Name> {
    let model = graph.model;
    let service = &model.services[id];
    let entities = service.entities.iter().map(|id| &model.entities[*id]);
    let owned = entities.filter(|entity| entity.projection);
    let stores = service.stores.iter().map(|id| &model.stores[*id]);
    let tables = stores.flat_map(|store| store.tables.iter().flatten());
    let tables = tables.filter(|table| table.projection && table.entity.is_none());
    owned
        .map(|entity| &entity.name)
        .chain(tables.map(|table| &table.name))
        .collect()
}
