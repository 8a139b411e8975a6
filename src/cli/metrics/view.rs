//! From figures with ids to figures with names.

use std::time::Duration;

use super::form::{
    Availability, Cycle, Event, Figures, Findings, Misplaced, Objective, Pair, Route, Saga,
    Service, Share, System, Team, TeamCalls, Tool,
};
use super::notes::notes;
use crate::graph::Graph;
use crate::graph::metrics::{CycleFigures, Metrics, TeamFigures};
use crate::graph::promises::Ceiling;
use crate::graph::teams;
use crate::model::Model;
use crate::model::arena::{CallId, Id, ServiceId};
use crate::model::gateway;
use crate::model::service::Party;

/// The worst of those that a route rests on, as many as are told.
const WEAKEST: usize = 5;

/// All figures by name.
pub(super) fn figures(graph: &Graph<'_>, metrics: &Metrics<'_>, findings: Findings) -> Figures {
    let model = graph.model;
    let unsteady = metrics.unsteady.iter();
    let services = model.services.ids();
    Figures {
        version: 1,
        tool: Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        },
        findings,
        notes: notes(model, metrics, findings),
        system: system(model, metrics),
        services: services.map(|id| service(model, metrics, id)).collect(),
        unsteady_calls: unsteady
            .map(|pair| Pair {
                from: named(model, pair.from),
                to: named(model, pair.to),
            })
            .collect(),
        cycles: metrics.cycles.iter().map(|it| cycle(model, it)).collect(),
        routes: routes(model, metrics),
        objectives: objectives(model, metrics),
        sagas: sagas(model, metrics),
        teams: metrics.teams.iter().map(|it| team(model, it)).collect(),
        events: events(model, metrics),
    }
}

pub(super) fn named(model: &Model, service: ServiceId) -> String {
    model.services[service].name.to_string()
}

pub(super) fn names(model: &Model, services: impl IntoIterator<Item = ServiceId>) -> Vec<String> {
    let services = services.into_iter();
    services.map(|service| named(model, service)).collect()
}

/// To nine digits: more than the file gives, and the same on every machine.
fn rounded(share: f64) -> f64 {
    (share * 1e9).round() / 1e9
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn system(model: &Model, metrics: &Metrics<'_>) -> System {
    let system = &metrics.system;
    System {
        name: model.system.name.to_string(),
        services: model.services.len(),
        externals: model.externals.len(),
        calling_pairs: system.calls,
        listening_pairs: system.events,
        synchronous_share: system.mix.map(rounded),
        longest_chain: way(model, &system.chain),
        longest_chain_calls: (!system.chain_goes_on).then_some(system.chain.len()),
        cross_team_pairs: system.teams.crossing,
        cross_team_share: system.teams.share.map(rounded),
        conway_fit: system.teams.fit.map(rounded),
        services_without_team: system.teams.unowned,
    }
}

/// The services that a chain of calls passes; who enters a circle at one service may leave it at another, and both are told.
fn way(model: &Model, calls: &[CallId]) -> Vec<String> {
    let mut stops: Vec<Party> = Vec::new();
    for call in calls.iter().map(|call| &model.calls[*call]) {
        for stop in [Party::Service(call.from), call.to] {
            if stops.last() != Some(&stop) {
                stops.push(stop);
            }
        }
    }
    let stops = stops.into_iter();
    stops.map(|stop| model.name_of(stop).to_string()).collect()
}

fn service(model: &Model, metrics: &Metrics<'_>, id: ServiceId) -> Service {
    let figures = &metrics.services[id.index()];
    Service {
        name: named(model, id),
        team: teams::owner(model, id).map(str::to_owned),
        callers: figures.callers,
        callees: figures.callees,
        fan_out: figures.asked,
        operations_used: figures.operations_used,
        operations_called: figures.operations_asked,
        instability: figures.instability.map(rounded),
        event_sources: figures.sources,
        event_listeners: figures.listeners,
        event_instability: figures.event_instability.map(rounded),
        events_published: figures.published,
        events_received: figures.heard,
        event_coupling: figures.event_coupling.map(rounded),
        depth: figures.depth,
        blast_radius: figures.blast,
        routes: figures.routes,
        gates: figures.gates,
        attempts: figures.attempts,
        waiting_ms: figures.waiting.map(millis),
        on_a_cycle: figures.on_a_cycle,
        by_name: None,
    }
}

fn cycle(model: &Model, cycle: &CycleFigures) -> Cycle {
    let pair = |call: &CallId| {
        let call = &model.calls[*call];
        Pair {
            from: named(model, call.from),
            to: model.name_of(call.to).to_string(),
        }
    };
    let cheapest = &model.calls[cycle.path[0]];
    let operations = cheapest.operations.iter();
    let known = !cheapest.operations.is_empty();
    let mut writing = operations.filter(|operation| model.endpoints[**operation].writes);
    let stops = cycle.path.iter().map(|call| pair(call).to);
    Cycle {
        services: names(model, cycle.services.iter().copied()),
        path: std::iter::once(named(model, cheapest.from))
            .chain(stops)
            .collect(),
        cheapest: pair(&cycle.path[0]),
        cheapest_operations: known.then_some(cheapest.operations.len()),
        cheapest_writes: known.then(|| writing.next().is_some()),
        besides: cycle.besides.iter().map(pair).collect(),
    }
}

fn availability(model: &Model, ceiling: Option<&Ceiling>) -> Availability {
    let known = ceiling.map_or(&[][..], |ceiling| &ceiling.known);
    let unknown = ceiling.map_or(0, |ceiling| ceiling.unknown.len());
    let weakest = known.iter().take(WEAKEST).map(|(share, party)| Share {
        name: model.name_of(*party).to_string(),
        availability: rounded(*share),
    });
    Availability {
        at_most: ceiling.and_then(Ceiling::share).map(rounded),
        rests_on: known.len() + unknown,
        unknown,
        weakest: weakest.collect(),
    }
}

fn methods(route: &gateway::Route) -> Vec<String> {
    if route.all_methods {
        return vec!["ALL".to_owned()];
    }
    let methods = route.methods.iter();
    methods.map(|method| method.as_str().to_owned()).collect()
}

fn routes(model: &Model, metrics: &Metrics<'_>) -> Vec<Route> {
    let routes = model.gateway.iter().flat_map(|gateway| &gateway.routes);
    let routes = routes.zip(&metrics.routes).map(|(route, figures)| Route {
        path: route.path.value.clone(),
        methods: methods(route),
        service: route.service.map(|service| named(model, service)),
        availability: availability(model, figures.ceiling.as_ref()),
        timeout_ms: figures.budget.map(millis),
        waiting_ms: figures.waiting.map(millis),
        attempts: figures.attempts,
        own_data: figures.composition.map(|data| data.own),
        data: figures.composition.map(|data| data.all),
    });
    routes.collect()
}

fn objectives(model: &Model, metrics: &Metrics<'_>) -> Vec<Objective> {
    let objectives = model.observability.objectives.iter();
    let objectives = objectives.zip(&metrics.objectives);
    let objectives = objectives.map(|(objective, figures)| Objective {
        of: objective.subject.value.clone(),
        promised: objective
            .availability
            .as_ref()
            .map(|share| rounded(share.value)),
        availability: availability(model, figures.ceiling.as_ref()),
        latency_ms: objective.latency.as_ref().map(|time| millis(time.value)),
        asked_first_ms: figures.asked_first.map(millis),
    });
    objectives.collect()
}

fn sagas(model: &Model, metrics: &Metrics<'_>) -> Vec<Saga> {
    let sagas = model.sagas.iter().zip(&metrics.sagas);
    let sagas = sagas.map(|(saga, figures)| Saga {
        name: saga.name.to_string(),
        coordinator: saga.coordinator.map(|service| named(model, service)),
        services: figures.services,
        steps: figures.steps,
        exposed_steps: figures.exposed,
        exposure: figures.exposure.map(rounded),
        compensations: figures.compensations,
        stuck_steps: figures.stuck,
        unbound_inputs: figures.unbound,
    });
    sagas.collect()
}

fn team(model: &Model, team: &TeamFigures<'_>) -> Team {
    let calls = team.calls.iter().map(|(other, calls)| TeamCalls {
        team: (*other).to_owned(),
        calls: *calls,
    });
    let misplaced = team.misplaced.iter().map(|(service, pull)| Misplaced {
        service: named(model, *service),
        team: pull.team.to_owned(),
        there: pull.there.len(),
        own: pull.own,
    });
    Team {
        name: team.name.to_owned(),
        services: team.services,
        calls_within: team.within,
        calls_to: calls.collect(),
        leaving_share: team.leaving.map(rounded),
        misplaced: misplaced.collect(),
    }
}

fn events(model: &Model, metrics: &Metrics<'_>) -> Vec<Event> {
    let events = model.events.iter().zip(&metrics.events);
    let events = events.map(|(event, figures)| {
        let kinds = figures.breaks.as_ref().map(|kinds| {
            let kinds = kinds.iter();
            kinds.map(|kind| kind.as_str().to_owned()).collect()
        });
        Event {
            name: event.name.to_string(),
            publishers: names(model, figures.publishers.iter().copied()),
            consumers: names(model, figures.consumers.iter().copied()),
            other_teams: figures.other_teams,
            versions: figures.versions,
            breaking_changes: kinds,
            risk: figures.risk,
        }
    });
    events.collect()
}
