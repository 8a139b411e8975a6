//! How much of what a route touches its own service owns: the rest is put together from others.

use std::collections::{BTreeSet, VecDeque};

use super::Graph;
use crate::model::Model;
use crate::model::arena::{EndpointId, EntityId, ServiceId};
use crate::model::endpoint::{Action, Endpoint};
use crate::model::service::Party;

/// Operations that are looked at for one route. What lies beyond is data of others all the same.
const MOST: usize = 256;

/// What a route touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Composition {
    /// Data that its service owns.
    pub own: usize,
    /// All data.
    pub all: usize,
}

/// What a route touches, through the calls that its operations may make. None where the file does not say which operations lie behind it
/// or a call, and where no declared data does.
#[must_use]
pub fn of_route(graph: &Graph<'_>, index: usize) -> Option<Composition> {
    let model = graph.model;
    let service = model.route(index)?.service?;
    let mut queue: VecDeque<EndpointId> = graph.routes[index].operations.iter().copied().collect();
    let mut seen: BTreeSet<EndpointId> = queue.iter().copied().collect();
    let mut asking: BTreeSet<ServiceId> = BTreeSet::new();
    let mut touched: BTreeSet<EntityId> = BTreeSet::new();
    while let Some(at) = queue.pop_front() {
        let endpoint = &model.endpoints[at];
        touched.extend(touches(model, endpoint));
        let Party::Service(owner) = endpoint.owner else {
            continue;
        };
        if !graph.asking.operation(at) || !asking.insert(owner) {
            continue;
        }
        if model.services[owner].lost_calls > 0 {
            return None;
        }
        for call in model.services[owner]
            .calls
            .iter()
            .map(|call| &model.calls[*call])
        {
            if !call.operations_named && matches!(call.to, Party::Service(_)) {
                return None;
            }
            for operation in &call.operations {
                if seen.len() < MOST && seen.insert(*operation) {
                    queue.push_back(*operation);
                }
            }
        }
    }
    let own = touched.iter();
    let own = own.filter(|entity| model.entities[**entity].service == service);
    let composition = Composition {
        own: own.count(),
        all: touched.len(),
    };
    (composition.all > 0).then_some(composition)
}

/// The data behind an operation itself.
fn touches<'m>(model: &'m Model, endpoint: &'m Endpoint) -> impl Iterator<Item = EntityId> + 'm {
    let acted = match &endpoint.action {
        Action::Create(entity)
        | Action::Read(entity)
        | Action::List { entity, .. }
        | Action::Update(entity)
        | Action::Delete(entity) => Some(*entity),
        Action::Aggregate(run) => Some(model.aggregates[run.aggregate].entity),
        Action::Command => None,
    };
    let effects = endpoint.effects.iter().map(|effect| effect.entity);
    acted.into_iter().chain(effects)
}
