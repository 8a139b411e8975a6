//! How often one request may arrive at the end of a chain, when every hop on the way sends it again.

use std::iter::successors;

use crate::model::Model;
use crate::model::arena::{CallId, Id, ServiceId};
use crate::model::gateway::Route;
use crate::model::service::Party;

use super::Graph;
use super::asking::Asking;
use super::calls::Calls;
use super::mesh::MeshPolicies;

/// Hops of a way that are told. Ways may share most of their length, so that telling each in full could cost the square of it.
const LONGEST: usize = 32;

/// How often requests may arrive.
#[derive(Debug)]
pub struct Attempts {
    /// At whatever operation of a service.
    services: Vec<Arrival>,
    /// At those that may ask others: only these go on.
    asking: Vec<Arrival>,
    externals: Vec<Arrival>,
    mesh: Vec<u32>,
}

/// The worst that arrives at one place.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    /// Attempts on the worst way.
    attempts: u64,
    /// Its last hop.
    by: Option<Hop>,
    /// Whether the worst way goes on and grows.
    grows: bool,
}

/// One hop of a request, with the tries of each layer on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hop {
    /// The way.
    pub way: Way,
    /// Tries of whoever sends it.
    pub tries: u32,
    /// Tries of the mesh for each of these.
    pub mesh: u32,
}

/// A way that a request takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A route of the gateway, by its place.
    Route(usize),
    /// A call.
    Call(CallId),
}

impl Hop {
    /// How often one request is sent over it at most.
    #[must_use]
    pub fn factor(&self) -> u64 {
        u64::from(self.tries) * u64::from(self.mesh)
    }
}

impl Attempts {
    /// What may arrive in a model. Calls on a circle are left out: what goes round has no end to arrive at.
    #[must_use]
    pub fn of(model: &Model, calls: &Calls, mesh: &MeshPolicies, asking: &Asking) -> Self {
        let once = Arrival {
            attempts: 1,
            by: None,
            grows: false,
        };
        let mesh = model.services.ids().map(|to| {
            mesh.repeats(to)
                .map_or(1, |policy| policy.retries.saturating_add(1))
        });
        let mut attempts = Self {
            services: vec![once; model.services.len()],
            asking: vec![once; model.services.len()],
            externals: vec![once; model.externals.len()],
            mesh: mesh.collect(),
        };
        let routes = model.gateway.iter().flat_map(|gateway| &gateway.routes);
        for (index, route) in routes.enumerate() {
            if let Some(to) = route.service {
                let hop = attempts.over_route(index, route, to);
                attempts.arrive(Party::Service(to), 1, hop, asking.route(index));
            }
        }
        let order = calls.callees_first();
        for from in order.iter().rev() {
            let before = attempts.asking[from.index()].attempts;
            for id in &model.services[*from].calls {
                if !calls.on_a_cycle(model, *id) {
                    let hop = attempts.over_call(model, *id);
                    let call = &model.calls[*id];
                    attempts.arrive(call.to, before, hop, asking.call(call));
                }
            }
        }
        for from in order {
            let mut made = model.services[from].calls.iter();
            let grows = made.any(|id| {
                let next = attempts.at(model.calls[*id].to);
                next.by.is_some_and(|hop| {
                    hop.way == Way::Call(*id) && (hop.factor() > 1 || next.grows)
                })
            });
            let asked = attempts.asking[from.index()].by;
            let worst = &mut attempts.services[from.index()];
            worst.grows = grows && worst.by == asked;
        }
        attempts
    }

    /// The places where a way ends on which requests multiply, with how often one may arrive there.
    pub fn ends<'a>(&'a self, model: &'a Model) -> impl Iterator<Item = (Party, u64)> + 'a {
        let services = model.services.ids().map(Party::Service);
        let externals = model.externals.ids().map(Party::External);
        services.chain(externals).filter_map(|party| {
            let arrival = self.at(party);
            let multiplied = arrival.by.is_some_and(|hop| hop.factor() > 1);
            (multiplied && !arrival.grows).then_some((party, arrival.attempts))
        })
    }

    /// The hops of the worst way to a place, the last ones of a very long way.
    #[must_use]
    pub fn way_to(&self, model: &Model, end: Party) -> Vec<Hop> {
        let before = |hop: &Hop| match hop.way {
            Way::Route(_) => None,
            Way::Call(call) => self.asking[model.calls[call].from.index()].by,
        };
        let mut way: Vec<Hop> = successors(self.at(end).by, before).take(LONGEST).collect();
        way.reverse();
        way
    }

    /// How often one request may arrive at a place at most, on whatever way leads there without a circle.
    #[must_use]
    pub fn arriving(&self, party: Party) -> u64 {
        self.at(party).attempts
    }

    /// What one request to an operation that may ask, of each service, may become at the worst end of a way that begins there; none where a way leads into a circle,
    /// whose calls may multiply without end, or to somebody who is not declared.
    #[must_use]
    pub fn onwards(&self, graph: &Graph<'_>) -> Vec<Option<u64>> {
        let (model, calls) = (graph.model, &graph.calls);
        let mut worst = vec![Some(1); model.services.len()];
        let mut circling = vec![false; model.services.len()];
        for service in calls.cycles.iter().flat_map(|cycle| &cycle.services) {
            circling[service.index()] = true;
        }
        for from in calls.callees_first() {
            let made = model.services[from].calls.iter();
            let ways = made.map(|id| {
                let factor = self.over_call(model, *id).factor();
                let call = &model.calls[*id];
                let behind = match call.to {
                    Party::Service(to) if graph.asking.call(call) => worst[to.index()]?,
                    _ => 1,
                };
                Some(factor.saturating_mul(behind))
            });
            let ways = ways.collect::<Option<Vec<u64>>>();
            let most = ways.map(|ways| ways.into_iter().max().unwrap_or(1));
            let whole = !circling[from.index()] && model.services[from].lost_calls == 0;
            worst[from.index()] = most.filter(|_| whole);
        }
        worst
    }

    /// The hop from the gateway to the service of a route.
    #[must_use]
    pub fn over_route(&self, index: usize, route: &Route, to: ServiceId) -> Hop {
        Hop {
            way: Way::Route(index),
            tries: route.retries.value.saturating_add(1),
            mesh: self.mesh[to.index()],
        }
    }

    fn over_call(&self, model: &Model, id: CallId) -> Hop {
        let call = &model.calls[id];
        Hop {
            way: Way::Call(id),
            tries: call.tries(),
            mesh: match call.to {
                Party::Service(to) => self.mesh[to.index()],
                Party::External(_) => 1,
            },
        }
    }

    fn at(&self, party: Party) -> &Arrival {
        match party {
            Party::Service(service) => &self.services[service.index()],
            Party::External(external) => &self.externals[external.index()],
        }
    }

    fn arrive(&mut self, to: Party, before: u64, hop: Hop, asks: bool) {
        let attempts = before.saturating_mul(hop.factor());
        match to {
            Party::Service(service) => {
                self.services[service.index()].take(attempts, hop);
                if asks {
                    self.asking[service.index()].take(attempts, hop);
                }
            }
            Party::External(external) => self.externals[external.index()].take(attempts, hop),
        }
    }
}

impl Arrival {
    fn take(&mut self, attempts: u64, hop: Hop) {
        if self.by.is_none() || attempts > self.attempts {
            self.attempts = attempts;
            self.by = Some(hop);
        }
    }
}
