//! Who listens to whom: services coupled by events, each pair once.

use std::collections::BTreeSet;

use crate::model::Model;
use crate::model::arena::{EventId, Id, ServiceId};

use super::activity::Activity;

/// Who listens to whom.
#[derive(Debug)]
pub struct Listening {
    heard: Vec<BTreeSet<EventId>>,
    sources: Vec<BTreeSet<ServiceId>>,
    listeners: Vec<BTreeSet<ServiceId>>,
}

impl Listening {
    /// The coupling by events in a model: consumers, sagas that an event starts, and caches that one empties. Who listens to himself is
    /// left out of the pairs.
    #[must_use]
    pub fn of(model: &Model, activity: &Activity) -> Self {
        let mut publishers = vec![Vec::new(); model.events.len()];
        for service in model.services.ids() {
            for event in activity.published(service) {
                publishers[event.index()].push(service);
            }
        }
        let consumers = model.consumers.iter();
        let consumers = consumers.map(|consumer| (consumer.service, consumer.event));
        let sagas = model.sagas.iter();
        let sagas = sagas.filter_map(|saga| Some((saga.coordinator?, saga.trigger?.0)));
        let caches = model.caches.iter().flat_map(|cache| {
            let events = cache.invalidate_on.iter();
            events.map(|event| (cache.service, *event))
        });
        let mut listening = Self {
            heard: vec![BTreeSet::new(); model.services.len()],
            sources: vec![BTreeSet::new(); model.services.len()],
            listeners: vec![BTreeSet::new(); model.services.len()],
        };
        for (listener, event) in consumers.chain(sagas).chain(caches) {
            listening.heard[listener.index()].insert(event);
            for source in &publishers[event.index()] {
                if *source != listener {
                    listening.sources[listener.index()].insert(*source);
                    listening.listeners[source.index()].insert(listener);
                }
            }
        }
        listening
    }

    /// The events that a service receives.
    #[must_use]
    pub fn heard(&self, service: ServiceId) -> &BTreeSet<EventId> {
        &self.heard[service.index()]
    }

    /// The services whose events a service receives.
    #[must_use]
    pub fn sources(&self, service: ServiceId) -> &BTreeSet<ServiceId> {
        &self.sources[service.index()]
    }

    /// The services that receive events of a service.
    #[must_use]
    pub fn listeners(&self, service: ServiceId) -> &BTreeSet<ServiceId> {
        &self.listeners[service.index()]
    }
}
