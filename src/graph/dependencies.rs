//! Who cannot do without whom: calls that are hard and have nothing that stands in for an answer.

use std::collections::{BTreeSet, VecDeque};

use crate::model::Model;
use crate::model::arena::{Id, ServiceId};
use crate::model::service::Party;

use super::asking::Asking;
use super::reach::Reach;

/// Routes that are remembered for a service: enough to know that many need it, and little to carry from caller to callee.
pub const ROUTES: usize = 16;

/// Services that are looked at for one promise. Whatever lies beyond would only lower what can be kept.
const NEAREST: usize = 256;

/// Who cannot do without whom.
#[derive(Debug)]
pub struct Dependencies {
    routes: Vec<BTreeSet<usize>>,
}

impl Dependencies {
    /// The dependencies in a model. Services that cannot do without each other need what any of them needs.
    #[must_use]
    pub fn of(model: &Model, reach: &Reach, asking: &Asking) -> Self {
        let mut carried = vec![BTreeSet::new(); reach.components()];
        let declared = model.gateway.iter().flat_map(|gateway| &gateway.routes);
        for (index, route) in declared.enumerate() {
            if let Some(service) = route.service {
                let asks = asking.route(index);
                keep(&mut carried[reach.component(service, asks)], index);
            }
        }
        for (from, to) in reach.onwards() {
            let needing = carried[*from].clone();
            for route in needing {
                keep(&mut carried[*to], route);
            }
        }
        let services = model.services.ids();
        let routes = services.map(|service| carried[reach.component(service, false)].clone());
        Self {
            routes: routes.collect(),
        }
    }

    /// Routes that cannot be answered without a service, by their places; [`ROUTES`] of them at most.
    #[must_use]
    pub fn routes_through(&self, service: ServiceId) -> &BTreeSet<usize> {
        &self.routes[service.index()]
    }
}

/// A service and all that those of its operations cannot do without that may ask others, each once, the nearest first.
#[must_use]
pub fn behind(model: &Model, asking: &Asking, service: ServiceId) -> Vec<Party> {
    let mut found = vec![Party::Service(service)];
    let mut seen = BTreeSet::from([Party::Service(service)]);
    let mut followed = BTreeSet::from([service]);
    let mut queue = VecDeque::from([service]);
    while let Some(at) = queue.pop_front() {
        for (party, asks) in needed(model, asking, at).take(NEAREST) {
            if found.len() >= NEAREST {
                return found;
            }
            if seen.insert(party) {
                found.push(party);
            }
            let next = self::service(party).filter(|_| asks);
            queue.extend(next.filter(|next| followed.insert(*next)));
        }
    }
    found
}

/// Whom a service cannot do without: those whose answers nothing stands in for. With each, whether it may ask others in turn.
pub fn needed<'m>(
    model: &'m Model,
    asking: &'m Asking,
    from: ServiceId,
) -> impl Iterator<Item = (Party, bool)> + 'm {
    let calls = model.services[from].calls.iter();
    calls
        .map(|call| &model.calls[*call])
        .filter(|call| call.binds())
        .map(|call| (call.to, asking.call(call)))
}

fn service(party: Party) -> Option<ServiceId> {
    match party {
        Party::Service(service) => Some(service),
        Party::External(_) => None,
    }
}

fn keep(routes: &mut BTreeSet<usize>, route: usize) {
    if routes.len() < ROUTES {
        routes.insert(route);
    }
}
