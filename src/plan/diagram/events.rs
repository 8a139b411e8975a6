//! Which service publishes which event, and which services receive it.

use super::{Edge, Flow, Node, Shape, nodes};
use crate::model::Model;
use crate::model::arena::{EventId, ServiceId};
use crate::model::service::Party;

/// The flow of events; of one service alone where one is given.
#[must_use]
pub fn events(model: &Model, only: Option<ServiceId>) -> Flow {
    let shown: Vec<EventId> = model
        .events
        .ids()
        .filter(|id| only.is_none_or(|service| concerns(model, *id, service)))
        .collect();
    let mut edges = Vec::new();
    for id in &shown {
        let event = &model.events[*id];
        edges.extend(event.producers.iter().map(|producer| {
            edge(
                nodes::party_id(model, producer.value),
                nodes::event_id(model, *id),
            )
        }));
        edges.extend(event.consumers.iter().map(|consumer| {
            let service = model.consumers[*consumer].service;
            edge(
                nodes::event_id(model, *id),
                nodes::service_id(model, service),
            )
        }));
    }
    let parties = model
        .services
        .ids()
        .map(|id| nodes::service(model, id, Vec::new()));
    let externals = model.externals.ids().map(|id| nodes::external(model, id));
    let taking = |node: &Node| {
        edges
            .iter()
            .any(|edge| edge.from == node.id || edge.to == node.id)
    };
    let mut boxes: Vec<Node> = parties.chain(externals).filter(taking).collect();
    boxes.extend(shown.iter().map(|id| node(model, *id)));
    let title = match only {
        Some(service) => format!("Events of {}", model.services[service].name),
        None => format!("Events of {}", model.system.name),
    };
    Flow {
        title,
        sideways: true,
        groups: Vec::new(),
        nodes: boxes,
        edges,
    }
}

fn node(model: &Model, id: EventId) -> Node {
    let event = &model.events[id];
    let versions: Vec<String> = event
        .versions
        .iter()
        .map(|version| format!("v{}", version.number))
        .collect();
    Node {
        id: nodes::event_id(model, id),
        label: vec![event.name.as_str().to_owned(), versions.join(", ")],
        shape: Shape::Event,
    }
}

fn concerns(model: &Model, event: EventId, service: ServiceId) -> bool {
    let event = &model.events[event];
    let produced = event
        .producers
        .iter()
        .any(|producer| producer.value == Party::Service(service));
    produced
        || event
            .consumers
            .iter()
            .any(|consumer| model.consumers[*consumer].service == service)
}

fn edge(from: String, to: String) -> Edge {
    Edge {
        from,
        to,
        label: String::new(),
        dashed: true,
    }
}
