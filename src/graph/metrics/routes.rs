//! Figures of each route, and of each promise.

use std::time::Duration;

use crate::graph::composition::{self, Composition};
use crate::graph::promises::{self, Ceiling, Latencies};
use crate::graph::{Graph, deadline};
use crate::model::arena::{Id, ServiceId};
use crate::model::gateway::Route;
use crate::model::platform::Promised;

/// Figures of a route.
#[derive(Debug, Clone)]
pub struct RouteFigures {
    /// How available it can be; none where it leads to nobody.
    pub ceiling: Option<Ceiling>,
    /// How long the gateway waits for an answer, tries included; none where it waits for ever.
    pub budget: Option<Duration>,
    /// How long its service may wait for others before it answers once; none where that has no end that is known.
    pub waiting: Option<Duration>,
    /// What one request may become at the worst end of a way; none where a way leads into a circle or to somebody who is not declared.
    pub attempts: Option<u64>,
    /// What it touches, and how much of that its service owns; none where the file does not say.
    pub composition: Option<Composition>,
}

/// Figures of a promise.
#[derive(Debug, Clone)]
pub struct ObjectiveFigures {
    /// How available it can be.
    pub ceiling: Option<Ceiling>,
    /// What has to be asked first promises this time in all; none where it is not certain what that is.
    pub asked_first: Option<Duration>,
}

pub(super) fn of(graph: &Graph<'_>) -> Vec<RouteFigures> {
    let routes = graph.model.gateway.iter().flat_map(|it| &it.routes);
    let onwards = graph.attempts.onwards(graph);
    routes
        .enumerate()
        .map(|(index, route)| RouteFigures {
            ceiling: promises::ceiling(graph, Promised::Route(index)),
            budget: route
                .timeout
                .as_ref()
                .map(|timeout| timeout.value)
                .filter(|timeout| !timeout.is_zero()),
            waiting: route
                .service
                .and_then(|service| waiting(graph, index, service)),
            attempts: attempts(graph, index, route, &onwards),
            composition: composition::of_route(graph, index),
        })
        .collect()
}

/// What the service may wait for, or what its operations allow themselves if that is less.
fn waiting(graph: &Graph<'_>, index: usize, service: ServiceId) -> Option<Duration> {
    if !graph.asking.route(index) {
        return Some(Duration::ZERO);
    }
    let calls = deadline::waiting(graph.model, service);
    let own = deadline::allowed(graph, &graph.routes[index].operations);
    calls.into_iter().chain(own).min()
}

fn attempts(
    graph: &Graph<'_>,
    index: usize,
    route: &Route,
    onwards: &[Option<u64>],
) -> Option<u64> {
    let service = route.service?;
    let first = graph.attempts.over_route(index, route, service).factor();
    let behind = if graph.asking.route(index) {
        onwards[service.index()]?
    } else {
        1
    };
    Some(first.saturating_mul(behind))
}

pub(super) fn objectives(graph: &Graph<'_>) -> Vec<ObjectiveFigures> {
    let latencies = Latencies::of(graph.model);
    let objectives = graph.model.observability.objectives.iter();
    objectives
        .map(|objective| ObjectiveFigures {
            ceiling: promises::ceiling(graph, objective.of),
            asked_first: latencies
                .asked_first(graph.model, objective.of)
                .map(|parts| parts.iter().map(|(time, _)| *time).sum()),
        })
        .collect()
}
