//! The graph of synchronous calls, and the circles in it.
//!
//! Nodes are services. The file says which operations of the callee a call uses, not which operation of the caller makes it, so the operations
//! weigh the edges and the services are the nodes. Clients and the gateway are left out: nobody calls them.

use std::collections::VecDeque;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::model::Model;
use crate::model::arena::{CallId, Id, ServiceId};
use crate::model::service::Party;

/// Synchronous calls between services of the system.
#[derive(Debug)]
pub struct Calls {
    graph: DiGraph<ServiceId, CallId>,
    component: Vec<usize>,
    /// The circles, in the order of their first services.
    pub cycles: Vec<Cycle>,
}

/// Services that call each other in a circle.
#[derive(Debug, Clone)]
pub struct Cycle {
    /// Every service of the strongly connected component.
    pub services: Vec<ServiceId>,
    /// The shortest circle through the cheapest call, beginning with that call.
    pub path: Vec<CallId>,
    /// Whether circles remain in the component once the cheapest call is gone.
    pub others_remain: bool,
}

impl Calls {
    /// The calls of a model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let mut graph = DiGraph::with_capacity(model.services.len(), model.calls.len());
        for service in model.services.ids() {
            graph.add_node(service);
        }
        for (id, call) in model.calls.entries() {
            if let Party::Service(to) = call.to {
                graph.add_edge(node(call.from), node(to), id);
            }
        }
        let mut component = vec![0; graph.node_count()];
        let components = kosaraju_scc(&graph);
        for (index, members) in components.iter().enumerate() {
            for member in members {
                component[member.index()] = index;
            }
        }
        let mut calls = Self {
            graph,
            component,
            cycles: Vec::new(),
        };
        calls.cycles = components
            .into_iter()
            .filter_map(|members| calls.cycle(model, members))
            .collect();
        calls.cycles.sort_by_key(|cycle| cycle.services.clone());
        calls
    }

    /// Whether a call lies on a circle.
    #[must_use]
    pub fn on_a_cycle(&self, model: &Model, call: CallId) -> bool {
        let call = &model.calls[call];
        let Party::Service(to) = call.to else {
            return false;
        };
        self.component[call.from.index()] == self.component[to.index()]
    }

    /// The circle that a service lies on, or itself alone, as a number: who is called has a smaller one than its caller.
    #[must_use]
    pub fn component(&self, service: ServiceId) -> usize {
        self.component[service.index()]
    }

    /// The services, callees before their callers.
    #[must_use]
    pub fn callees_first(&self) -> Vec<ServiceId> {
        let mut services: Vec<ServiceId> = self.graph.node_weights().copied().collect();
        services.sort_by_key(|service| (self.component(*service), *service));
        services
    }

    /// The calls that a service makes to services of the system.
    pub fn from(&self, service: ServiceId) -> impl Iterator<Item = CallId> + '_ {
        self.graph.edges(node(service)).map(|edge| *edge.weight())
    }

    /// The calls that reach a service.
    pub fn to(&self, service: ServiceId) -> impl Iterator<Item = CallId> + '_ {
        self.graph
            .edges_directed(node(service), petgraph::Incoming)
            .map(|edge| *edge.weight())
    }

    fn cycle(&self, model: &Model, members: Vec<NodeIndex>) -> Option<Cycle> {
        let inner = members
            .iter()
            .flat_map(|member| self.graph.edges(*member))
            .filter(|edge| self.inside(edge.source(), edge.target()));
        let cheapest = inner.min_by_key(|edge| cost(model, *edge.weight()))?;
        let back = self.shortest(cheapest.target(), cheapest.source());
        let mut path = vec![*cheapest.weight()];
        path.extend(back);
        let mut services: Vec<_> = members
            .into_iter()
            .map(|member| self.graph[member])
            .collect();
        services.sort_unstable();
        let others_remain = self.stays_cyclic(&services, cheapest.source(), cheapest.target());
        Some(Cycle {
            services,
            path,
            others_remain,
        })
    }

    fn inside(&self, from: NodeIndex, to: NodeIndex) -> bool {
        self.component[from.index()] == self.component[to.index()]
    }

    /// The calls of a shortest way within one component; none where both ends are one.
    fn shortest(&self, from: NodeIndex, to: NodeIndex) -> Vec<CallId> {
        let mut came: std::collections::BTreeMap<NodeIndex, (NodeIndex, CallId)> =
            std::collections::BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(at) = queue.pop_front() {
            if at == to {
                break;
            }
            let mut next: Vec<_> = self
                .graph
                .edges(at)
                .filter(|edge| self.inside(at, edge.target()))
                .collect();
            next.sort_by_key(|edge| *edge.weight());
            for edge in next {
                if edge.target() != from && !came.contains_key(&edge.target()) {
                    came.insert(edge.target(), (at, *edge.weight()));
                    queue.push_back(edge.target());
                }
            }
        }
        let mut path = Vec::new();
        let mut at = to;
        while at != from {
            let Some((before, call)) = came.get(&at) else {
                break;
            };
            path.push(*call);
            at = *before;
        }
        path.reverse();
        path
    }

    /// Whether the component holds a circle without the calls from one service to another (Kahn's algorithm leaves something over).
    fn stays_cyclic(&self, services: &[ServiceId], from: NodeIndex, to: NodeIndex) -> bool {
        let kept = |source: NodeIndex, target: NodeIndex| {
            self.inside(source, target) && (source, target) != (from, to)
        };
        let mut incoming: std::collections::BTreeMap<NodeIndex, usize> =
            services.iter().map(|id| (node(*id), 0)).collect();
        for service in services {
            for edge in self
                .graph
                .edges(node(*service))
                .filter(|edge| kept(edge.source(), edge.target()))
            {
                *incoming.entry(edge.target()).or_default() += 1;
            }
        }
        let mut free: Vec<_> = incoming
            .iter()
            .filter(|(_, count)| **count == 0)
            .map(|(at, _)| *at)
            .collect();
        let mut removed = 0;
        while let Some(at) = free.pop() {
            removed += 1;
            for edge in self
                .graph
                .edges(at)
                .filter(|edge| kept(edge.source(), edge.target()))
            {
                let count = incoming.entry(edge.target()).or_default();
                *count -= 1;
                if *count == 0 {
                    free.push(edge.target());
                }
            }
        }
        removed < services.len()
    }
}

/// What it costs to turn a call into an event: reading is cheaper than writing (an event feeds a copy), few operations cheaper than many.
fn cost(model: &Model, call: CallId) -> (bool, usize, CallId) {
    let operations = &model.calls[call].operations;
    let writes = operations.is_empty()
        || operations
            .iter()
            .any(|operation| model.endpoints[*operation].writes);
    let count = if operations.is_empty() {
        usize::MAX
    } else {
        operations.len()
    };
    (writes, count, call)
}

fn node(service: ServiceId) -> NodeIndex {
    NodeIndex::new(service.index())
}
