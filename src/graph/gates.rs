//! What requests from outside reach through one service only: the tree of dominators from the gateway.

use petgraph::algo::dominators::simple_fast;
use petgraph::graph::{DiGraph, NodeIndex};

use super::asking::Asking;
use crate::model::Model;
use crate::model::arena::{Id, ServiceId};
use crate::model::service::Party;

/// For each service, how many others requests from the gateway reach through it alone; none where no request from there arrives.
///
/// A service dominates another where every way from the gateway to the other leads through it (Cooper, Harvey and Kennedy, "A Simple, Fast
/// Dominance Algorithm": near linear on graphs as they occur, quadratic at worst).
///
/// A service stands here twice: as itself, and as its operations that may ask others. Requests go on from these alone.
#[must_use]
pub fn behind(model: &Model, asking: &Asking) -> Vec<Option<usize>> {
    let mut graph: DiGraph<(), ()> =
        DiGraph::with_capacity(2 * model.services.len() + 1, model.calls.len());
    for service in model.services.ids() {
        graph.add_node(());
        graph.add_node(());
        graph.add_edge(node(service, true), node(service, false), ());
    }
    let door = graph.add_node(());
    let routes = model.gateway.iter().flat_map(|gateway| &gateway.routes);
    for (index, route) in routes.enumerate() {
        if let Some(to) = route.service {
            graph.update_edge(door, node(to, asking.route(index)), ());
        }
    }
    for call in model.calls.iter() {
        if let Party::Service(to) = call.to {
            graph.add_edge(node(call.from, true), node(to, asking.call(call)), ());
        }
    }
    let tree = simple_fast(&graph, door);
    let above: Vec<Option<NodeIndex>> = graph
        .node_indices()
        .map(|at| tree.immediate_dominator(at))
        .collect();
    let sizes = sizes(&above, door);
    let services = model.services.ids().map(|service| {
        let (itself, asking) = (node(service, false), node(service, true));
        above[itself.index()]?;
        let own = usize::from(above[itself.index()] == Some(asking));
        Some(sizes[asking.index()] - own)
    });
    services.collect()
}

/// How many services lie below each place of a tree that is told by who stands above whom.
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
        let children = below[at].iter();
        let services = children.map(|child| sizes[*child] + usize::from(is_service(*child)));
        sizes[at] = services.sum();
    }
    sizes
}

fn node(service: ServiceId, asks: bool) -> NodeIndex {
    NodeIndex::new(2 * service.index() + usize::from(asks))
}

fn is_service(node: usize) -> bool {
    node.is_multiple_of(2)
}
