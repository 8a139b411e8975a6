//! Figures of each circle of calls.

use std::collections::BTreeMap;

use petgraph::algo::greedy_feedback_arc_set;
use petgraph::graph::DiGraph;

use crate::graph::Graph;
use crate::graph::calls::Cycle;
use crate::model::Model;
use crate::model::arena::{CallId, ServiceId};
use crate::model::service::Party;

/// A circle, and what opens it.
#[derive(Debug, Clone)]
pub struct CycleFigures {
    /// The services that call each other in circles.
    pub services: Vec<ServiceId>,
    /// A shortest circle through the call that is the cheapest to turn into an event, beginning with that call.
    pub path: Vec<CallId>,
    /// Calls that have to go besides, so that no circle remains: few, not always the fewest (Eades, Lin and Smyth 1993), one for each pair of
    /// services.
    pub besides: Vec<CallId>,
}

pub(super) fn of(graph: &Graph<'_>) -> Vec<CycleFigures> {
    let cycles = graph.calls.cycles.iter();
    cycles
        .map(|cycle| CycleFigures {
            services: cycle.services.clone(),
            path: cycle.path.clone(),
            besides: besides(graph, cycle),
        })
        .collect()
}

fn besides(graph: &Graph<'_>, cycle: &Cycle) -> Vec<CallId> {
    if !cycle.others_remain {
        return Vec::new();
    }
    let model = graph.model;
    let first = pair(model, cycle.path[0]);
    let mut left = DiGraph::new();
    let members: BTreeMap<ServiceId, _> = cycle
        .services
        .iter()
        .map(|service| (*service, left.add_node(())))
        .collect();
    let mut pairs: BTreeMap<(ServiceId, ServiceId), CallId> = BTreeMap::new();
    for call in cycle
        .services
        .iter()
        .flat_map(|from| graph.calls.from(*from))
    {
        if let Some((from, to)) = pair(model, call).filter(|ends| Some(*ends) != first) {
            let one = pairs.entry((from, to)).or_insert(call);
            *one = call.min(*one);
        }
    }
    for ((from, to), call) in pairs {
        if let (Some(from), Some(to)) = (members.get(&from), members.get(&to)) {
            left.add_edge(*from, *to, call);
        }
    }
    let mut calls: Vec<CallId> = greedy_feedback_arc_set(&left)
        .map(|edge| *edge.weight())
        .collect();
    calls.sort_unstable();
    calls
}

fn pair(model: &Model, call: CallId) -> Option<(ServiceId, ServiceId)> {
    let call = &model.calls[call];
    match call.to {
        Party::Service(to) => Some((call.from, to)),
        Party::External(_) => None,
    }
}
