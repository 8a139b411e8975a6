//! Which event brings about which: whoever receives the one publishes the other, and nothing stops it from doing so.
//!
//! Only what happens without condition counts: a consumer with a `when`, an event that is published `when` something holds, and a command
//! that an aggregate refuses in most of its states end a circle by themselves.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::model::Model;
use crate::model::arena::{EventId, Id, ServiceId};
use crate::model::effect::Emission;
use crate::model::event::CommandRun;
use crate::model::saga::Saga;
use crate::syntax::source::Span;

/// Why an event follows upon another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// What happened.
    pub event: EventId,
    /// Who received it.
    pub service: ServiceId,
    /// What was published thereupon.
    pub effect: EventId,
    /// Where that is said.
    pub span: Span,
}

/// What events bring about.
#[derive(Debug, Default)]
pub struct Causality {
    /// Events that bring about themselves in the end: a shortest circle of each knot of events.
    pub loops: Vec<Vec<Cause>>,
}

impl Causality {
    /// What follows from what in a model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let mut graph = DiGraph::with_capacity(model.events.len(), model.consumers.len());
        for event in model.events.ids() {
            graph.add_node(event);
        }
        let mut causes = Vec::new();
        for consumer in model
            .consumers
            .iter()
            .filter(|consumer| consumer.reaction().when.is_empty())
        {
            let mut add = |effect, span| {
                causes.push(Cause {
                    event: consumer.event,
                    service: consumer.service,
                    effect,
                    span,
                });
            };
            let reaction = consumer.reaction();
            reaction
                .emits
                .iter()
                .filter_map(certain)
                .for_each(|(event, span)| add(event, span));
            let runs = reaction.runs.iter();
            runs.flat_map(|run| raised(model, run))
                .for_each(|(event, span)| add(event, span));
        }
        for saga in model.sagas.iter() {
            causes.extend(of_saga(model, saga));
        }
        for cause in causes {
            graph.add_edge(node(cause.event), node(cause.effect), cause);
        }
        let mut loops: Vec<Vec<Cause>> = kosaraju_scc(&graph)
            .iter()
            .filter_map(|knot| circle(&graph, knot))
            .collect();
        loops.sort();
        Self { loops }
    }
}

/// An event that is published whatever holds.
fn certain(emission: &Emission) -> Option<(EventId, Span)> {
    emission
        .when
        .is_empty()
        .then_some((emission.event, emission.span))
}

/// What a command raises for others, where no state keeps it from doing so: one that begins a life.
fn raised<'m>(model: &'m Model, run: &CommandRun) -> impl Iterator<Item = (EventId, Span)> + 'm {
    let aggregate = &model.aggregates[run.aggregate];
    let command = &aggregate.commands[run.command];
    let span = run.span;
    let events = command.raises.iter().filter(|_| command.creates);
    events.filter_map(move |raise| Some((aggregate.events[raise.event].published?.0, span)))
}

/// A saga goes through its steps and its success; what it publishes on the way back depends on a failure.
fn of_saga(model: &Model, saga: &Saga) -> Vec<Cause> {
    let Some((event, _)) = saga.trigger else {
        return Vec::new();
    };
    let steps = saga.steps.iter().flat_map(|step| {
        let emits = step.emits.iter().filter_map(certain);
        emits.filter_map(|(effect, span)| Some((step.service?, effect, span)))
    });
    let ends = saga.on_success.iter().flat_map(|end| {
        let emits = end.emits.iter().filter_map(certain);
        let runs = end.runs.iter().flat_map(|run| raised(model, run));
        let all = emits.chain(runs);
        all.filter_map(|(effect, span)| Some((saga.coordinator?, effect, span)))
    });
    steps
        .chain(ends)
        .map(|(service, effect, span)| Cause {
            event,
            service,
            effect,
            span,
        })
        .collect()
}

/// A shortest circle through the first event of a knot; none where the event is alone and does not bring about itself.
fn circle(graph: &DiGraph<EventId, Cause>, knot: &[NodeIndex]) -> Option<Vec<Cause>> {
    let first = *knot.iter().min()?;
    let mut came: BTreeMap<NodeIndex, Cause> = BTreeMap::new();
    let mut queue = VecDeque::from([first]);
    // What leads out of the knot never comes back to its first event.
    let members: BTreeSet<NodeIndex> = knot.iter().copied().collect();
    while let Some(at) = queue.pop_front() {
        let mut next: Vec<_> = graph
            .edges(at)
            .filter(|edge| members.contains(&edge.target()))
            .collect();
        next.sort_by_key(|edge| *edge.weight());
        for edge in next {
            if came.contains_key(&edge.target()) {
                continue;
            }
            came.insert(edge.target(), *edge.weight());
            if edge.target() == first {
                return Some(walked(&came, first));
            }
            queue.push_back(edge.target());
        }
    }
    None
}

fn walked(came: &BTreeMap<NodeIndex, Cause>, first: NodeIndex) -> Vec<Cause> {
    let mut path = vec![came[&first]];
    while node(path[path.len() - 1].event) != first {
        path.push(came[&node(path[path.len() - 1].event)]);
    }
    path.reverse();
    path
}

fn node(event: EventId) -> NodeIndex {
    NodeIndex::new(event.index())
}
