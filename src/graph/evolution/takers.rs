//! Who takes which version of which event.

use std::collections::{BTreeMap, BTreeSet};

use super::Concerned;
use crate::model::Model;
use crate::model::arena::{EventId, ServiceId};
use crate::syntax::source::Span;

/// Who takes an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Who.
    pub who: Concerned,
    /// The service that is deployed for it, where it is one of ours.
    pub service: Option<String>,
    /// Where the new file says so.
    pub span: Option<Span>,
}

/// Who takes which version of which event: consumers, sagas that it starts, aggregates that read it from their own streams.
pub(super) struct Takers(BTreeMap<(EventId, usize), Vec<Reader>>);

impl Takers {
    /// Those of a model. Places are kept where they are in the new file.
    pub(super) fn of(model: &Model, here: bool) -> Self {
        let mut takers = BTreeMap::new();
        let mut add = |event: EventId, version: usize, reader: Reader| {
            let known: &mut Vec<Reader> = takers.entry((event, version)).or_default();
            known.push(reader);
        };
        let reader = |service: Option<ServiceId>, name: Option<String>, span: Span| {
            let deployed = service.map(|service| Concerned::service(model, service));
            let team = deployed.as_ref().and_then(|deployed| deployed.team.clone());
            let service = deployed.map(|deployed| deployed.who);
            let who = name.or_else(|| service.clone()).unwrap_or_default();
            Reader {
                who: Concerned { who, team },
                service,
                span: here.then_some(span),
            }
        };
        for consumer in model.consumers.iter() {
            let taker = reader(Some(consumer.service), None, consumer.span);
            for version in &consumer.versions {
                add(consumer.event, *version, taker.clone());
            }
        }
        for saga in model.sagas.iter() {
            if let Some((event, version)) = saga.trigger {
                let name = format!("saga {}", saga.name);
                add(
                    event,
                    version,
                    reader(saga.coordinator, Some(name), saga.span),
                );
            }
        }
        for aggregate in model.aggregates.iter() {
            for stored in &aggregate.events {
                if let Some((event, version)) = stored.published {
                    let name = format!("aggregate {}", aggregate.name);
                    add(
                        event,
                        version,
                        reader(Some(aggregate.service), Some(name), stored.span),
                    );
                }
            }
        }
        for (id, event) in model.events.entries().filter(|(_, event)| event.public) {
            for version in 0..event.versions.len() {
                let name = "whoever takes it outside of this system".to_owned();
                add(id, version, reader(None, Some(name), event.span));
            }
        }
        for known in takers.values_mut() {
            let mut seen = BTreeSet::new();
            known.retain(|reader| seen.insert(reader.who.who.clone()));
        }
        Self(takers)
    }

    pub(super) fn version(&self, event: EventId, version: usize) -> Vec<Reader> {
        self.0.get(&(event, version)).cloned().unwrap_or_default()
    }

    pub(super) fn all(&self, event: EventId) -> Vec<Reader> {
        let mut seen = BTreeSet::new();
        let all = self.0.range((event, 0)..=(event, usize::MAX));
        all.flat_map(|(_, readers)| readers)
            .filter(|reader| seen.insert(&reader.who.who))
            .cloned()
            .collect()
    }
}
