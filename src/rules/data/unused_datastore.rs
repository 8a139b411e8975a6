//! A store that nothing is kept in is paid for, patched and asked about all the same.

use crate::graph::Graph;
use crate::model::arena::ServiceId;
use crate::model::service::{Store, StoreRole};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("unused-datastore"),
    family: Family::Data,
    severity: Severity::Info,
    required: false,
    summary: "a store is declared, and nothing is kept in it",
    docs: include_str!("unused_datastore.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let stores = graph.model.stores.iter();
    let empty = stores.filter_map(|store| {
        let what = unused(graph, store)?;
        let name = &graph.model.services[store.service].name;
        let message = format!("{name} has {what}: {}", store.engine.value);
        Some(
            RULE.finding(store.span, message)
                .here("nothing is kept here")
                .about(name.as_str())
                .help("remove it, or declare what it keeps"),
        )
    });
    empty.chain(event_store(graph)).collect()
}

fn unused(graph: &Graph<'_>, store: &Store) -> Option<&'static str> {
    if store.tables.is_some() {
        return None;
    }
    let service = &graph.model.services[store.service];
    match store.role {
        StoreRole::EventStore => (service.aggregates.is_empty() && service.lost_aggregates == 0)
            .then_some("an event store and no aggregate"),
        StoreRole::Primary => {
            (!keeps_anything(graph, store.service)).then_some("a database and nothing to keep")
        }
        // What a search, a cache, a session or a report keeps is not declared.
        StoreRole::Search | StoreRole::Cache | StoreRole::Analytics | StoreRole::Session => None,
    }
}

/// Whether a service has data of its own, or something that is kept on its way: messages, sagas, answers to repeated requests.
fn keeps_anything(graph: &Graph<'_>, id: ServiceId) -> bool {
    let service = &graph.model.services[id];
    !service.entities.is_empty()
        || !service.aggregates.is_empty()
        || !service.consumers.is_empty()
        || !service.endpoints.is_empty()
        || !graph.activity.published(id).is_empty()
        || graph.activity.is_in_a_saga(id)
}

/// The event store of the whole system.
fn event_store(graph: &Graph<'_>) -> Option<Finding> {
    let store = graph.model.event_store.as_ref()?;
    let mut services = graph.model.services.iter();
    let lost = services.any(|service| service.lost_aggregates > 0);
    if lost || !graph.model.aggregates.is_empty() || graph.model.services.is_empty() {
        return None;
    }
    let message = format!(
        "there is an event store, {}, and no service has an aggregate",
        store.value
    );
    Some(
        RULE.finding(store.span, message)
            .here("keeps the streams of aggregates, of which there are none")
            .about("event_store")
            .help("remove `event_store`, or declare the aggregate whose stream it keeps"),
    )
}
