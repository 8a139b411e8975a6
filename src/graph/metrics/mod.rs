//! The figures of an architecture: how its parts are coupled, what goes down with what, what can be promised.
//!
//! Rules read the same functions. Nothing here is worked out for them; whoever wants all figures asks for them. What the file does not say
//! leaves a figure unknown, which is not zero. Formulas, limits and what is not linear stand in `src/cli/metrics/metrics.md`.

mod cycles;
mod events;
mod routes;
mod sagas;
mod services;
mod teams;

pub use cycles::CycleFigures;
pub use events::EventFigures;
pub use routes::{ObjectiveFigures, RouteFigures};
pub use sagas::SagaFigures;
pub use services::{ServiceFigures, Unsteady};
pub use teams::{TeamFigures, TeamTotals};

use super::Graph;
use super::listening::Listening;
use crate::model::arena::CallId;

/// All figures, each kind in the order of the file.
#[derive(Debug)]
pub struct Metrics<'m> {
    /// The system as a whole.
    pub system: SystemFigures,
    /// Its services.
    pub services: Vec<ServiceFigures>,
    /// Steady services that call unsteady ones.
    pub unsteady: Vec<Unsteady>,
    /// Circles of calls.
    pub cycles: Vec<CycleFigures>,
    /// Routes of the gateway.
    pub routes: Vec<RouteFigures>,
    /// What is promised.
    pub objectives: Vec<ObjectiveFigures>,
    /// Sagas.
    pub sagas: Vec<SagaFigures>,
    /// Teams, by name.
    pub teams: Vec<TeamFigures<'m>>,
    /// Events.
    pub events: Vec<EventFigures>,
}

/// Figures of the system as a whole.
#[derive(Debug)]
pub struct SystemFigures {
    /// Pairs of services of which one calls the other.
    pub calls: usize,
    /// Pairs of services of which one listens to the other.
    pub events: usize,
    /// The share of calls among both, 0 to 1; none where there are neither.
    pub mix: Option<f64>,
    /// The longest chain of calls.
    pub chain: Vec<CallId>,
    /// Whether a chain may be longer, because it leads to somebody who is not declared.
    pub chain_goes_on: bool,
    /// Teams among each other.
    pub teams: TeamTotals,
}

impl<'m> Metrics<'m> {
    /// The figures of an architecture.
    #[must_use]
    pub fn of(graph: &Graph<'m>) -> Self {
        let model = graph.model;
        let listening = Listening::of(model, &graph.activity);
        let services = services::of(graph, &listening);
        let calls = services.iter().map(|service| service.callees).sum();
        let events = services.iter().map(|service| service.sources).sum();
        Self {
            system: SystemFigures {
                calls,
                events,
                mix: share(calls, calls + events),
                chain: graph.chains.longest.first().cloned().unwrap_or_default(),
                chain_goes_on: services.iter().any(|service| service.depth.is_none()),
                teams: teams::totals(graph, &listening),
            },
            unsteady: services::unsteady(graph, &services),
            cycles: cycles::of(graph),
            routes: routes::of(graph),
            objectives: routes::objectives(graph),
            sagas: model.sagas.entries().map(sagas::of).collect(),
            teams: teams::of(graph),
            events: events::of(graph, &listening),
            services,
        }
    }
}

/// A part of a whole, 0 to 1; none where there is no whole.
fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
