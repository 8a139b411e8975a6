//! What requests from outside reach through one service only: the tree of dominators from the gateway.

use petgraph::algo::dominators::simple_fast;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::model::Model;
use crate::model::arena::{Id, ServiceId};
use crate::model::service::Party;

/// For each service, how many others requests from the gateway reach through it alone; none where no request from there arrives.
///
/// A service dominates another where every way from the gateway to the other leads through it (Cooper, Harvey and Kennedy, "A Simple, Fast
/// Dominance Algorithm": near linear on graphs as they occur, quadratic at worst).
#[must_use]
pub fn behind(model: &Model) -> Vec<Option<usize>> {
    let mut graph: DiGraph<(), ()> =
        DiGraph::with_capacity(model.services.len() + 1, model.calls.len());
    for _ in model.services.ids() {
        graph.add_node(());
    }
    let door = graph.add_node(());
    let routes = model.gateway.iter().flat_map(|gateway| &gateway.routes);
    for to in routes.filter_map(|route| route.service) {
        graph.update_edge(door, node(to), ());
    }
    for call in model.calls.iter() {
        if let Party::Service(to) = call.to {
            graph.add_edge(node(call.from), node(to), ());
        }
    }
    let tree = simple_fast(&graph, door);
    let above: Vec<Option<NodeIndex>> = graph
        .node_indices()
        .map(|at| tree.immediate_dominator(at))
        .collect();
    let sizes = sizes(&above, door);
    let services = model.services.ids();
    services
        .map(|service| above[service.index()].map(|_| sizes[service.index()]))
        .collect()
}

/// How many lie below each place of a tree that is told by who stands above whom.
fn sizes(above: &[Option<NodeIndex>], root: NodeIndex) -> Vec<usize> {
    let mut below = vec![Vec::new(); above.len()];
    for (at, up) in above.iter().enumerate() {
        if let Some(up) = up {
            below[up.index()].push(at);
        }
    }
    let mut order = vec![root.index()];
    let mut next = 0;
    while let Some(at) = order.get(next).copied() {
        order.extend(&below[at]);
        next += 1;
    }
    let mut sizes = vec![0; above.len()];
    for at in order.into_iter().rev() {
        sizes[at] = below[at].iter().map(|child| sizes[*child] + 1).sum();
    }
    sizes
}

fn node(service: ServiceId) -> NodeIndex {
    NodeIndex::new(service.index())
}
