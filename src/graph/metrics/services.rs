//! Figures of each service.

use std::time::Duration;

use super::share;
use crate::graph::listening::Listening;
use crate::graph::{Graph, coupling, deadline, gates};
use crate::model::arena::{Id, ServiceId};
use crate::model::service::Party;

/// Figures of a service.
#[derive(Debug, Clone)]
pub struct ServiceFigures {
    /// Services that call it (afferent coupling).
    pub callers: usize,
    /// Services that it calls (efferent coupling), as far as they are declared.
    pub callees: usize,
    /// Services and systems that are not ours that it calls; none where one of them is not declared.
    pub asked: Option<usize>,
    /// Its operations that others call, counted once for each of them; none where a call does not say which.
    pub operations_used: Option<usize>,
    /// Operations of others that it calls, counted alike.
    pub operations_asked: Option<usize>,
    /// Efferent among all coupling by calls, 0 to 1 (Martin); none without any.
    pub instability: Option<f64>,
    /// Services whose events it receives.
    pub sources: usize,
    /// Services that receive its events.
    pub listeners: usize,
    /// Efferent among all coupling by events: a listener depends on whom it hears.
    pub event_instability: Option<f64>,
    /// Events that it publishes.
    pub published: usize,
    /// Events that it receives.
    pub heard: usize,
    /// Events that it publishes or receives among all events, 0 to 1; none where there are no events.
    pub event_coupling: Option<f64>,
    /// Calls that follow one upon another from it on; none where one of them leads to somebody who is not declared.
    pub depth: Option<usize>,
    /// Other services that fail when it fails.
    pub blast: usize,
    /// Routes that cannot be answered without it; none without a gateway.
    pub routes: Option<usize>,
    /// Other services that requests from the gateway reach through it alone; none where none reaches it.
    pub gates: Option<usize>,
    /// How often one request may arrive at it; none where it lies on a circle or behind one.
    pub attempts: Option<u64>,
    /// How long it may wait for all that it calls; none where a call has no end.
    pub waiting: Option<Duration>,
    /// Whether it lies on a circle of calls.
    pub on_a_cycle: bool,
}

/// A steady service that calls one less steady: whatever changes there reaches those that rely on the steady one.
#[derive(Debug, Clone, Copy)]
pub struct Unsteady {
    /// Who calls.
    pub from: ServiceId,
    /// Who is called.
    pub to: ServiceId,
}

/// From which difference of instability on a call is told, and between services with how many neighbours each.
const UNSTEADY: (f64, usize) = (0.3, 2);

pub(super) fn of(graph: &Graph<'_>, listening: &Listening) -> Vec<ServiceFigures> {
    let model = graph.model;
    let everybody: Vec<ServiceId> = model.services.ids().collect();
    let all: Vec<_> = everybody.iter().map(|service| (*service, true)).collect();
    let blast = graph.reach.counted(&all);
    let routes = model.gateway.as_ref().map(|gateway| {
        let routes = gateway.routes.iter().enumerate();
        let starts =
            routes.filter_map(|(at, route)| Some((route.service?, graph.asking.route(at))));
        graph.reach.counted(&starts.collect::<Vec<_>>())
    });
    let gates = gates::behind(model, &graph.asking);
    let facing = Facing::of(graph);
    let (used, asked) = operations(graph);
    let figures = everybody.into_iter().map(|id| {
        let at = id.index();
        let service = &model.services[id];
        let whole = service.lost_calls == 0;
        let coupling = &graph.coupling;
        let (callers, callees) = (coupling.callers(id).len(), coupling.callees(id).len());
        let (listeners, sources) = (listening.listeners(id).len(), listening.sources(id).len());
        let (published, heard) = (graph.activity.published(id), listening.heard(id));
        ServiceFigures {
            callers,
            callees,
            asked: whole.then(|| coupling::asked(model, id).len()),
            operations_used: used[at],
            operations_asked: asked[at].filter(|_| whole),
            instability: share(callees, callers + callees).filter(|_| whole),
            sources,
            listeners,
            event_instability: share(sources, sources + listeners),
            published: published.len(),
            heard: heard.len(),
            event_coupling: share(published.union(heard).count(), model.events.len()),
            depth: facing.known[at].then(|| graph.chains.depth(&graph.calls, id)),
            blast: blast[at] - 1,
            routes: routes.as_ref().map(|routes| routes[at]),
            gates: gates[at],
            attempts: (!facing.circled[at]).then(|| graph.attempts.arriving(Party::Service(id))),
            waiting: deadline::waiting(model, id),
            on_a_cycle: facing.circling[at],
        }
    });
    figures.collect()
}

/// What spoils figures that follow chains of calls.
struct Facing {
    /// Whether every call on every chain from a service on leads to somebody who is declared.
    known: Vec<bool>,
    /// Whether a service lies on a circle.
    circling: Vec<bool>,
    /// Whether a service lies on a circle or behind one.
    circled: Vec<bool>,
}

impl Facing {
    fn of(graph: &Graph<'_>) -> Self {
        let model = graph.model;
        let mut circling = vec![false; model.services.len()];
        for service in graph.calls.cycles.iter().flat_map(|cycle| &cycle.services) {
            circling[service.index()] = true;
        }
        // Whoever stands on a circle is one with those that stand there too.
        let mut known = vec![true; model.services.len()];
        let mut circled = vec![false; model.services.len()];
        let order = graph.calls.callees_first();
        let component = |service: ServiceId| graph.calls.component(service);
        let called = |from: ServiceId| {
            let calls = graph.calls.from(from).map(|call| &model.calls[call]);
            calls.filter_map(|call| match call.to {
                Party::Service(to) => Some((component(to), graph.asking.call(call))),
                Party::External(_) => None,
            })
        };
        for from in &order {
            let lost = model.services[*from].lost_calls > 0;
            if lost || called(*from).any(|(to, asks)| asks && !known[to]) {
                known[component(*from)] = false;
            }
        }
        // Only operations that may ask others carry on what goes round.
        let mut carrying = circled.clone();
        for from in order.iter().rev() {
            circled[component(*from)] |= circling[from.index()];
            carrying[component(*from)] |= circling[from.index()];
            if carrying[component(*from)] {
                for (to, asks) in called(*from) {
                    circled[to] = true;
                    carrying[to] |= asks;
                }
            }
        }
        let by_service = |flags: &[bool]| {
            let services = model.services.ids();
            services.map(|service| flags[component(service)]).collect()
        };
        Self {
            known: by_service(&known),
            circled: by_service(&circled),
            circling,
        }
    }
}

/// How many operations of each service others call, and how many each calls of others.
fn operations(graph: &Graph<'_>) -> (Vec<Option<usize>>, Vec<Option<usize>>) {
    let services = graph.model.services.len();
    let (mut used, mut asked) = (vec![Some(0); services], vec![Some(0); services]);
    for ((from, to), pair) in coupling::conversations(graph.model) {
        if from != to {
            let number = pair.named.then_some(pair.operations.len());
            let add = |sum: &mut Option<usize>| *sum = sum.zip(number).map(|(a, b)| a + b);
            add(&mut used[to.index()]);
            add(&mut asked[from.index()]);
        }
    }
    (used, asked)
}

pub(super) fn unsteady(graph: &Graph<'_>, figures: &[ServiceFigures]) -> Vec<Unsteady> {
    let (difference, neighbours) = UNSTEADY;
    let known = |service: ServiceId| {
        let figures = &figures[service.index()];
        let many = figures.callers + figures.callees >= neighbours;
        figures.instability.filter(|_| many)
    };
    let services = graph.model.services.ids();
    let pairs = services.flat_map(|from| {
        let callees = graph.coupling.callees(from).iter();
        callees.map(move |to| Unsteady { from, to: *to })
    });
    pairs
        .filter(|pair| {
            let steady = known(pair.from).zip(known(pair.to));
            steady.is_some_and(|(from, to)| from < to - difference)
        })
        .collect()
}
