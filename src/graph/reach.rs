//! Who goes down with whom: the services that cannot do without another, however many hops lie between.
//!
//! Services that cannot do without each other are one. What reaches a place is told apart by bits, so that ways that join are counted
//! once; the bits of `BLOCK` sources at a time are carried, so that memory stays linear. Time is the number of sources times that of
//! services and calls, divided by 64.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Bfs, Reversed};

use crate::model::Model;
use crate::model::arena::{Id, ServiceId};
use crate::model::service::Party;

use super::dependencies::needed;

/// Sources that are counted in one pass.
const BLOCK: usize = 4096;
/// Words that hold their bits.
const WORDS: usize = BLOCK / 64;

/// Who cannot do without whom, through any number of hops.
#[derive(Debug)]
pub struct Reach {
    graph: DiGraph<(), ()>,
    component: Vec<usize>,
    /// From each component to others that it needs, callers first.
    onwards: Vec<(usize, usize)>,
    components: usize,
}

impl Reach {
    /// What follows from the calls of a model that bind.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let mut graph = DiGraph::with_capacity(model.services.len(), model.calls.len());
        for _ in model.services.ids() {
            graph.add_node(());
        }
        for from in model.services.ids() {
            for party in needed(model, from) {
                if let Party::Service(to) = party {
                    graph.add_edge(node(from), node(to), ());
                }
            }
        }
        let found = kosaraju_scc(&graph);
        let mut component = vec![0; graph.node_count()];
        for (index, members) in found.iter().enumerate() {
            for member in members {
                component[member.index()] = index;
            }
        }
        let ends = graph.raw_edges().iter().map(|edge| {
            (
                component[edge.source().index()],
                component[edge.target().index()],
            )
        });
        let mut onwards: Vec<_> = ends.filter(|(from, to)| from != to).collect();
        // Kosaraju's algorithm numbers callees before their callers.
        onwards.sort_unstable_by(|a, b| b.cmp(a));
        onwards.dedup();
        Self {
            graph,
            component,
            onwards,
            components: found.len(),
        }
    }

    /// How many components there are: services that cannot do without each other, or one that stands alone.
    #[must_use]
    pub fn components(&self) -> usize {
        self.components
    }

    /// The component of a service, as a number.
    #[must_use]
    pub fn component(&self, service: ServiceId) -> usize {
        self.component[service.index()]
    }

    /// Which component needs which other, those first that none needs that follows.
    #[must_use]
    pub fn onwards(&self) -> &[(usize, usize)] {
        &self.onwards
    }

    /// For each service, how many sources need it. Each source stands for whatever begins at its service: a service itself, a route.
    #[must_use]
    pub fn counted(&self, sources: &[ServiceId]) -> Vec<usize> {
        let mut counts = vec![0; self.components];
        let mut bits = vec![[0_u64; WORDS]; self.components];
        for block in sources.chunks(BLOCK) {
            bits.fill([0; WORDS]);
            for (index, source) in block.iter().enumerate() {
                bits[self.component[source.index()]][index / 64] |= 1 << (index % 64);
            }
            for (from, to) in &self.onwards {
                let carried = bits[*from];
                let there = bits[*to].iter_mut();
                there.zip(carried).for_each(|(there, new)| *there |= new);
            }
            for (count, bits) in counts.iter_mut().zip(&bits) {
                *count += bits
                    .iter()
                    .map(|word| word.count_ones() as usize)
                    .sum::<usize>();
            }
        }
        self.component.iter().map(|at| counts[*at]).collect()
    }

    /// The services that fail when a service fails, itself left out.
    #[must_use]
    pub fn failing_with(&self, service: ServiceId) -> Vec<ServiceId> {
        let reversed = Reversed(&self.graph);
        let mut walk = Bfs::new(reversed, node(service));
        let mut found = Vec::new();
        while let Some(next) = walk.next(reversed) {
            if next != node(service) {
                found.push(ServiceId::at(next.index()));
            }
        }
        found.sort_unstable();
        found
    }
}

fn node(service: ServiceId) -> NodeIndex {
    NodeIndex::new(service.index())
}
