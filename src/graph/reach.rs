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

use super::asking::Asking;
use super::dependencies::needed;

/// Sources that are counted in one pass.
const BLOCK: usize = 4096;
/// Words that hold their bits.
const WORDS: usize = BLOCK / 64;

/// Who cannot do without whom, through any number of hops.
///
/// A service stands here twice: as itself, and as its operations that may ask others. These need the service, and whom it calls.
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
    pub fn of(model: &Model, asking: &Asking) -> Self {
        let mut graph = DiGraph::with_capacity(2 * model.services.len(), model.calls.len());
        for _ in model.services.ids() {
            graph.add_node(());
            graph.add_node(());
        }
        for from in model.services.ids() {
            graph.add_edge(node(from, true), node(from, false), ());
            for (party, asks) in needed(model, asking, from) {
                if let Party::Service(to) = party {
                    graph.add_edge(node(from, true), node(to, asks), ());
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

    /// The component of a service, or of its operations that may ask others, as a number.
    #[must_use]
    pub fn component(&self, service: ServiceId, asks: bool) -> usize {
        self.component[node(service, asks).index()]
    }

    /// Which component needs which other, those first that none needs that follows.
    #[must_use]
    pub fn onwards(&self) -> &[(usize, usize)] {
        &self.onwards
    }

    /// For each service, how many sources need it. Each source stands for whatever begins at its service, and may ask others or not: a
    /// service itself, a route.
    #[must_use]
    pub fn counted(&self, sources: &[(ServiceId, bool)]) -> Vec<usize> {
        let mut counts = vec![0; self.components];
        let mut bits = vec![[0_u64; WORDS]; self.components];
        for block in sources.chunks(BLOCK) {
            bits.fill([0; WORDS]);
            for (index, (service, asks)) in block.iter().enumerate() {
                bits[self.component(*service, *asks)][index / 64] |= 1 << (index % 64);
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
        let services = (0..self.graph.node_count() / 2).map(ServiceId::at);
        services
            .map(|service| counts[self.component(service, false)])
            .collect()
    }

    /// The services that fail when a service fails, itself left out.
    #[must_use]
    pub fn failing_with(&self, service: ServiceId) -> Vec<ServiceId> {
        let reversed = Reversed(&self.graph);
        let mut walk = Bfs::new(reversed, node(service, false));
        let mut found = Vec::new();
        while let Some(next) = walk.next(reversed) {
            if next != node(service, false) && next != node(service, true) {
                found.push(ServiceId::at(next.index() / 2));
            }
        }
        found.sort_unstable();
        found
    }
}

fn node(service: ServiceId, asks: bool) -> NodeIndex {
    NodeIndex::new(2 * service.index() + usize::from(asks))
}
