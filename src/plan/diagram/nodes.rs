//! The boxes that several pictures share, and their ids.

use super::{Node, Shape};
use crate::model::Model;
use crate::model::arena::{EntityId, EventId, ExternalId, Id, ServiceId};
use crate::model::name::Name;
use crate::model::service::Party;

/// The id of the gateway's box.
pub(super) const GATEWAY: &str = "gateway";

/// An id that no notation takes for a word of its own. A name that is none (which a rule reports) is told apart by its place.
fn id(kind: &str, name: &Name, index: usize) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !name.snake().is_empty() && name.snake().chars().all(plain) {
        format!("{kind}_{}", name.snake())
    } else {
        format!("{kind}_{index}")
    }
}

/// The id of a service's box.
pub(super) fn service_id(model: &Model, service: ServiceId) -> String {
    id("service", &model.services[service].name, service.index())
}

fn external_id(model: &Model, external: ExternalId) -> String {
    id(
        "external",
        &model.externals[external].name,
        external.index(),
    )
}

/// The id of an event's box.
pub(super) fn event_id(model: &Model, event: EventId) -> String {
    id("event", &model.events[event].name, event.index())
}

/// The id of the box of owned data.
pub(super) fn entity_id(model: &Model, entity: EntityId) -> String {
    let owner = service_id(model, model.entities[entity].service);
    format!(
        "{owner}__{}",
        id("data", &model.entities[entity].name, entity.index())
    )
}

/// The id of a party's box.
pub(super) fn party_id(model: &Model, party: Party) -> String {
    match party {
        Party::Service(service) => service_id(model, service),
        Party::External(external) => external_id(model, external),
    }
}

/// A service.
pub(super) fn service(model: &Model, service: ServiceId, more: Vec<String>) -> Node {
    let mut label = vec![model.services[service].name.as_str().to_owned()];
    label.extend(more);
    Node {
        id: service_id(model, service),
        label,
        shape: Shape::Service,
    }
}

/// What is not ours.
pub(super) fn external(model: &Model, external: ExternalId) -> Node {
    let label = vec![
        model.externals[external].name.as_str().to_owned(),
        "external".to_owned(),
    ];
    Node {
        id: external_id(model, external),
        label,
        shape: Shape::External,
    }
}

/// The gateway, where there is one.
pub(super) fn gateway(model: &Model) -> Option<Node> {
    model.gateway.as_ref().map(|_| Node {
        id: GATEWAY.to_owned(),
        label: vec!["gateway".to_owned()],
        shape: Shape::Gateway,
    })
}

/// The services that the gateway leads to.
pub(super) fn routed(model: &Model) -> std::collections::BTreeSet<ServiceId> {
    model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes)
        .filter_map(|route| route.service)
        .collect()
}
