//! Figures of teams.

use super::share;
use crate::graph::Graph;
use crate::graph::listening::Listening;
use crate::graph::teams::{self, Pull, Teams};
use crate::model::arena::ServiceId;

/// Figures of a team.
#[derive(Debug, Clone)]
pub struct TeamFigures<'m> {
    /// Its name as written.
    pub name: &'m str,
    /// Services that it owns.
    pub services: usize,
    /// Pairs of its own services that call each other.
    pub within: usize,
    /// Pairs of which it calls, by the other team.
    pub calls: Vec<(&'m str, usize)>,
    /// The share of calls of its services that lead to other teams, 0 to 1; none without calls.
    pub leaving: Option<f64>,
    /// Its services that work more with another team.
    pub misplaced: Vec<(ServiceId, Pull<'m>)>,
}

/// Teams among each other.
#[derive(Debug, Clone, Copy)]
pub struct TeamTotals {
    /// Pairs of services of two teams of which one calls the other.
    pub crossing: usize,
    /// Pairs of services of which one calls the other and somebody owns both.
    pub calls: usize,
    /// The share of the former, 0 to 1; none without calls.
    pub share: Option<f64>,
    /// How well teams fit what is coupled, from -0.5 to 1; none where nothing is that somebody owns.
    pub fit: Option<f64>,
    /// Services that nobody owns.
    pub unowned: usize,
}

pub(super) fn totals(graph: &Graph<'_>, listening: &Listening) -> TeamTotals {
    let model = graph.model;
    let (crossing, calls) = Teams::of(model, &graph.coupling).crossing();
    let unowned = model.services.ids();
    TeamTotals {
        crossing,
        calls,
        share: share(crossing, calls),
        fit: teams::fit(model, &graph.coupling, listening),
        unowned: unowned
            .filter(|service| teams::owner(model, *service).is_none())
            .count(),
    }
}

pub(super) fn of<'m>(graph: &Graph<'m>) -> Vec<TeamFigures<'m>> {
    let all = Teams::of(graph.model, &graph.coupling);
    let figures = all.members.iter().map(|(name, members)| {
        let (own, calls): (Vec<_>, Vec<_>) =
            all.called_by(name).partition(|(other, _)| other == name);
        let within = own.iter().map(|(_, number)| number).sum();
        let out: usize = calls.iter().map(|(_, number)| number).sum();
        let misplaced = members.iter().filter_map(|service| {
            let pull = teams::pull(graph.model, &graph.coupling, *service)?;
            (pull.there.len() > pull.own).then_some((*service, pull))
        });
        TeamFigures {
            name,
            services: members.len(),
            within,
            calls,
            leaving: share(out, within + out),
            misplaced: misplaced.collect(),
        }
    });
    figures.collect()
}
