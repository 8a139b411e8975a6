//! The context map: services in their bounded contexts, and what passes between them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Edge, Flow, Group, Node, nodes};
use crate::model::Model;
use crate::model::arena::{EventId, ServiceId};
use crate::model::service::Party;

/// The context map.
#[must_use]
pub fn context(model: &Model) -> Flow {
    let mut contexts: Vec<(String, Vec<ServiceId>)> = Vec::new();
    let mut alone = Vec::new();
    for (id, service) in model.services.entries() {
        match &service.bounded_context {
            None => alone.push(id),
            Some(context) => match contexts.iter_mut().find(|(name, _)| *name == context.value) {
                Some((_, services)) => services.push(id),
                None => contexts.push((context.value.clone(), vec![id])),
            },
        }
    }
    let node = |id: &ServiceId| nodes::service(model, *id, team(model, *id));
    let groups = contexts
        .iter()
        .enumerate()
        .map(|(index, (label, services))| Group {
            id: format!("context_{index}"),
            label: label.clone(),
            nodes: services.iter().map(node).collect(),
        });
    let mut flow = Flow {
        title: format!("Context map of {}", model.system.name),
        sideways: true,
        groups: groups.collect(),
        nodes: alone.iter().map(node).collect(),
        edges: edges(model),
    };
    flow.nodes.extend(outside(model));
    flow
}

/// The gateway and the systems that are not ours.
pub(super) fn outside(model: &Model) -> impl Iterator<Item = Node> {
    nodes::gateway(model)
        .into_iter()
        .chain(model.externals.ids().map(|id| nodes::external(model, id)))
}

fn team(model: &Model, service: ServiceId) -> Vec<String> {
    model.services[service]
        .team_name
        .iter()
        .map(|team| team.value.replace('_', " "))
        .collect()
}

/// One arrow per pair and kind.
fn edges(model: &Model) -> Vec<Edge> {
    let mut edges: Vec<Edge> = nodes::routed(model)
        .into_iter()
        .map(|service| Edge {
            from: nodes::GATEWAY.to_owned(),
            to: nodes::service_id(model, service),
            label: String::new(),
            dashed: false,
        })
        .collect();
    let called: BTreeSet<(ServiceId, Party)> = model
        .calls
        .iter()
        .map(|call| (call.from, call.to))
        .collect();
    edges.extend(called.into_iter().map(|(from, to)| Edge {
        from: nodes::service_id(model, from),
        to: nodes::party_id(model, to),
        label: "calls".to_owned(),
        dashed: false,
    }));
    edges.extend(flows(model).into_iter().map(|((from, to), events)| Edge {
        from: nodes::party_id(model, from),
        to: nodes::service_id(model, to),
        label: if events.len() == 1 {
            model.events[events[0]].name.as_str().to_owned()
        } else {
            format!("{} events", events.len())
        },
        dashed: true,
    }));
    edges.extend(commands(model));
    edges
}

fn flows(model: &Model) -> BTreeMap<(Party, ServiceId), Vec<EventId>> {
    let mut flows: BTreeMap<(Party, ServiceId), Vec<EventId>> = BTreeMap::new();
    for (id, event) in model.events.entries() {
        for consumer in &event.consumers {
            for producer in &event.producers {
                flows
                    .entry((producer.value, model.consumers[*consumer].service))
                    .or_default()
                    .push(id);
            }
        }
    }
    flows
}

/// What sagas ask of their participants.
fn commands(model: &Model) -> impl Iterator<Item = Edge> {
    let pairs: BTreeSet<(ServiceId, ServiceId, usize)> = model
        .sagas
        .iter()
        .enumerate()
        .flat_map(|(index, saga)| {
            let steps = saga.steps.iter().filter_map(|step| step.service);
            steps.filter_map(move |service| Some((saga.coordinator?, service, index)))
        })
        .filter(|(coordinator, service, _)| coordinator != service)
        .collect();
    let sagas: Vec<String> = model
        .sagas
        .iter()
        .map(|saga| saga.name.as_str().to_owned())
        .collect();
    pairs
        .into_iter()
        .map(move |(coordinator, service, index)| Edge {
            from: nodes::service_id(model, coordinator),
            to: nodes::service_id(model, service),
            label: sagas[index].clone(),
            dashed: true,
        })
}
