//! Which teams have to talk to each other, because their services do.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Model;
use crate::model::arena::ServiceId;

use super::coupling::Coupling;
use super::listening::Listening;

/// Who owns what, and whose services call whose. Teams go by their names as written.
#[derive(Debug)]
pub struct Teams<'m> {
    /// The services of each team.
    pub members: BTreeMap<&'m str, Vec<ServiceId>>,
    /// How many pairs of services of two teams call each other, by the team that calls and the one that is called. Services that nobody owns
    /// are left out.
    pub calls: BTreeMap<(&'m str, &'m str), usize>,
}

/// The other team that a service works with most.
#[derive(Debug, Clone)]
pub struct Pull<'m> {
    /// That team.
    pub team: &'m str,
    /// Its services that the service calls or is called by.
    pub there: BTreeSet<ServiceId>,
    /// How many of its own team's it calls or is called by.
    pub own: usize,
}

impl<'m> Teams<'m> {
    /// The teams of a model.
    #[must_use]
    pub fn of(model: &'m Model, coupling: &Coupling) -> Self {
        let mut teams = Self {
            members: BTreeMap::new(),
            calls: BTreeMap::new(),
        };
        for id in model.services.ids() {
            let Some(team) = owner(model, id) else {
                continue;
            };
            teams.members.entry(team).or_default().push(id);
            for callee in coupling.callees(id) {
                if let Some(other) = owner(model, *callee) {
                    *teams.calls.entry((team, other)).or_default() += 1;
                }
            }
        }
        teams
    }

    /// How many calls of a team lead to which team.
    pub fn called_by(&self, team: &'m str) -> impl Iterator<Item = (&'m str, usize)> + '_ {
        let calls = self.calls.range((team, "")..);
        let own = calls.take_while(move |((from, _), _)| *from == team);
        own.map(|((_, to), number)| (*to, *number))
    }

    /// How many calls cross from one team to another, and how many there are in all.
    #[must_use]
    pub fn crossing(&self) -> (usize, usize) {
        let across = self.calls.iter().filter(|((from, to), _)| from != to);
        (
            across.map(|(_, number)| number).sum(),
            self.calls.values().sum(),
        )
    }
}

/// The team of a service, as written.
#[must_use]
pub fn owner(model: &Model, service: ServiceId) -> Option<&str> {
    let team = model.services[service].team_name.as_ref()?;
    Some(team.as_str())
}

/// The other team with most neighbours of a service; none where all its neighbours are its own team's or nobody's.
#[must_use]
pub fn pull<'m>(model: &'m Model, coupling: &Coupling, service: ServiceId) -> Option<Pull<'m>> {
    let team = owner(model, service)?;
    let neighbours = coupling.neighbours(model, service);
    let own = neighbours.get(team).map_or(0, BTreeSet::len);
    let others = neighbours.into_iter().filter(|(other, _)| *other != team);
    let (team, there) = others.max_by_key(|(_, there)| there.len())?;
    Some(Pull { team, there, own })
}

/// How well teams fit what is coupled, from -0.5 to 1: the modularity (Newman and Girvan 2004) of the division of services into teams, where two
/// services are linked that call or listen to each other, in whatever direction. Services that nobody owns are left out; none where no
/// two others are linked.
#[must_use]
pub fn fit(model: &Model, coupling: &Coupling, listening: &Listening) -> Option<f64> {
    let mut links: BTreeSet<(ServiceId, ServiceId)> = BTreeSet::new();
    for service in model.services.ids() {
        let called = coupling.callees(service).iter();
        let heard = listening.sources(service).iter();
        links.extend(called.chain(heard).map(|other| {
            let other = *other;
            (service.min(other), service.max(other))
        }));
    }
    let mut within: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut all = 0;
    for (one, other) in links {
        let (Some(a), Some(b)) = (owner(model, one), owner(model, other)) else {
            continue;
        };
        all += 1;
        within.entry(a).or_default().1 += 1;
        within.entry(b).or_default().1 += 1;
        if a == b {
            within.entry(a).or_default().0 += 1;
        }
    }
    let all = all as f64;
    let parts = within.into_values().map(|(inside, ends)| {
        let share = ends as f64 / (2.0 * all);
        inside as f64 / all - share * share
    });
    (all > 0.0).then(|| parts.sum())
}
