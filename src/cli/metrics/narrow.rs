//! The figures of one service: what it has to do with, and who is behind its numbers.

use super::form::{Figures, Neighbours};
use super::view::{named, names};
use crate::graph::Graph;
use crate::graph::coupling::asked;
use crate::graph::dependencies;
use crate::graph::metrics::Metrics;
use crate::model::arena::{Id, ServiceId};
use crate::model::platform::Promised;
use crate::model::service::Party;

/// Leaves out of all figures what a service has nothing to do with, and adds names to its own.
pub(super) fn narrow(
    figures: &mut Figures,
    graph: &Graph<'_>,
    metrics: &Metrics<'_>,
    id: ServiceId,
) {
    let model = graph.model;
    let name = named(model, id);
    let failing = graph.reach.failing_with(id);
    let needs = |at: usize, start: ServiceId| {
        start == id || graph.asking.route(at) && failing.binary_search(&start).is_ok()
    };
    let declared = model.gateway.iter().flat_map(|gateway| &gateway.routes);
    let needing: Vec<bool> = declared
        .enumerate()
        .map(|(at, route)| route.service.is_some_and(|start| needs(at, start)))
        .collect();
    let objectives = model.observability.objectives.iter();
    keep(
        &mut figures.objectives,
        objectives.map(|objective| match objective.of {
            Promised::Endpoint(endpoint) => model.endpoints[endpoint].owner == Party::Service(id),
            Promised::Route(index) => needing.get(index).copied().unwrap_or(false),
        }),
    );
    keep(&mut figures.routes, needing.into_iter());
    keep(
        &mut figures.sagas,
        model.sagas.iter().map(|saga| {
            let steps = saga.steps.iter().filter_map(|step| step.service);
            steps.chain(saga.coordinator).any(|service| service == id)
        }),
    );
    keep(
        &mut figures.events,
        metrics
            .events
            .iter()
            .map(|event| event.publishers.contains(&id) || event.consumers.contains(&id)),
    );
    let team = figures.services[id.index()].team.clone();
    figures.teams.retain(|it| Some(&it.name) == team.as_ref());
    figures
        .cycles
        .retain(|cycle| cycle.services.contains(&name));
    let calls = &mut figures.unsteady_calls;
    calls.retain(|pair| pair.from == name || pair.to == name);
    let by_name = neighbours(figures, graph, id, failing);
    keep(
        &mut figures.services,
        model.services.ids().map(|service| service == id),
    );
    for service in &mut figures.services {
        service.by_name = Some(by_name.clone());
    }
}

fn keep<T>(list: &mut Vec<T>, mut wanted: impl Iterator<Item = bool>) {
    list.retain(|_| wanted.next().unwrap_or(false));
}

/// Who is behind the figures of a service; these are narrowed down to it already.
fn neighbours(
    figures: &Figures,
    graph: &Graph<'_>,
    id: ServiceId,
    failing: Vec<ServiceId>,
) -> Neighbours {
    let model = graph.model;
    let party = |party: Party| model.name_of(party).to_string();
    let behind = dependencies::behind(model, &graph.asking, id)
        .into_iter()
        .skip(1);
    let name = named(model, id);
    let (publishing, receiving): (Vec<_>, Vec<_>) = (
        figures
            .events
            .iter()
            .filter(|event| event.publishers.contains(&name))
            .collect(),
        figures
            .events
            .iter()
            .filter(|event| event.consumers.contains(&name))
            .collect(),
    );
    Neighbours {
        callers: names(model, graph.coupling.callers(id).iter().copied()),
        callees: asked(model, id)
            .into_iter()
            .map(|(callee, _)| party(callee))
            .collect(),
        fail_with_it: names(model, failing),
        fails_with: behind.map(party).collect(),
        routes: figures
            .routes
            .iter()
            .map(|route| route.path.clone())
            .collect(),
        publishes: publishing
            .into_iter()
            .map(|event| event.name.clone())
            .collect(),
        receives: receiving
            .into_iter()
            .map(|event| event.name.clone())
            .collect(),
        sagas: figures.sagas.iter().map(|saga| saga.name.clone()).collect(),
    }
}
