//! Figures of each event.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::graph::evolution::schema::{Change, Schema, differences};
use crate::graph::listening::Listening;
use crate::graph::teams;
use crate::model::Model;
use crate::model::arena::{Id, ServiceId};
use crate::model::event::Event;

/// Figures of an event.
#[derive(Debug, Clone)]
pub struct EventFigures {
    /// Services that publish it.
    pub publishers: Vec<ServiceId>,
    /// Services that receive it.
    pub consumers: Vec<ServiceId>,
    /// Teams of its consumers that publish it in no service of theirs: nobody decides for them when they follow a change.
    pub other_teams: usize,
    /// Its versions.
    pub versions: usize,
    /// Kinds of change between its versions that break readers; none where there is nothing to compare.
    pub breaks: Option<BTreeSet<Change>>,
    /// Consumers times kinds.
    pub risk: Option<usize>,
}

pub(super) fn of(graph: &Graph<'_>, listening: &Listening) -> Vec<EventFigures> {
    let model = graph.model;
    let mut consumers = vec![Vec::new(); model.events.len()];
    let mut publishers = vec![Vec::new(); model.events.len()];
    for service in model.services.ids() {
        for event in listening.heard(service) {
            consumers[event.index()].push(service);
        }
        for event in graph.activity.published(service) {
            publishers[event.index()].push(service);
        }
    }
    let owners = |services: &[ServiceId]| -> BTreeSet<&str> {
        let teams = services.iter();
        teams
            .filter_map(|service| teams::owner(model, *service))
            .collect()
    };
    let parties = publishers.into_iter().zip(consumers);
    let figures = model
        .events
        .iter()
        .zip(parties)
        .map(|(event, (publishers, consumers))| {
            let breaks = breaks(model, event);
            let (own, others) = (owners(&publishers), owners(&consumers));
            EventFigures {
                other_teams: others.difference(&own).count(),
                versions: event.versions.len(),
                risk: breaks.as_ref().map(|kinds| kinds.len() * consumers.len()),
                breaks,
                publishers,
                consumers,
            }
        });
    figures.collect()
}

/// The kinds of change from each version to the next that break who reads one with the schema of the other, all together. None where there
/// is nothing to compare: one version alone, or one without a schema.
fn breaks(model: &Model, event: &Event) -> Option<BTreeSet<Change>> {
    let mut versions = event.versions.iter();
    if event.versions.len() < 2 || !versions.all(|version| version.has_schema) {
        return None;
    }
    let schema = |at: usize| Schema::of(model, &event.versions[at].schema);
    let steps = 1..event.versions.len();
    let all = steps.flat_map(|at| differences(schema(at - 1), schema(at)));
    let breaking = all.filter(|difference| difference.breaks());
    Some(breaking.map(|difference| difference.kind).collect())
}
