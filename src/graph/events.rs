//! Where events come from and where they go: declared, and by what the parts of the system do.

use crate::model::Model;
use crate::model::arena::{EventId, Id, ServiceId};
use crate::model::service::Party;
use crate::syntax::source::Span;

/// The flow of events.
#[derive(Debug)]
pub struct EventFlow {
    emitters: Vec<Vec<(ServiceId, Span)>>,
    used: Vec<bool>,
}

impl EventFlow {
    /// The flow in a model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let mut flow = Self {
            emitters: vec![Vec::new(); model.events.len()],
            used: vec![false; model.events.len()],
        };
        flow.follow_operations(model);
        flow.follow_sagas(model);
        for aggregate in model.aggregates.iter() {
            for event in &aggregate.events {
                if let Some((published, _)) = event.published {
                    flow.emits(published, aggregate.service, event.span);
                }
            }
        }
        for event in model.caches.iter().flat_map(|cache| &cache.invalidate_on) {
            flow.used[event.index()] = true;
        }
        for emitters in &mut flow.emitters {
            emitters.sort_unstable();
            emitters.dedup_by_key(|(service, _)| *service);
        }
        flow
    }

    /// The services whose operations, consumers, steps or aggregates publish an event, each with the first place that says so.
    #[must_use]
    pub fn emitters(&self, event: EventId) -> &[(ServiceId, Span)] {
        &self.emitters[event.index()]
    }

    /// Whether an event starts a saga or empties a cache: it has a use without a consumer.
    #[must_use]
    pub fn is_used_inside(&self, event: EventId) -> bool {
        self.used[event.index()]
    }

    fn follow_operations(&mut self, model: &Model) {
        for endpoint in model.endpoints.iter() {
            if let Party::Service(service) = endpoint.owner {
                for emission in &endpoint.emits {
                    self.emits(emission.event, service, emission.span);
                }
            }
        }
        for consumer in model.consumers.iter() {
            for emission in &consumer.reaction().emits {
                self.emits(emission.event, consumer.service, emission.span);
            }
        }
    }

    fn follow_sagas(&mut self, model: &Model) {
        for saga in model.sagas.iter() {
            if let Some((event, _)) = saga.trigger {
                self.used[event.index()] = true;
            }
            for step in &saga.steps {
                let compensation = step
                    .compensation
                    .iter()
                    .flat_map(|compensation| &compensation.emits);
                for emission in step.emits.iter().chain(compensation) {
                    step.service
                        .into_iter()
                        .for_each(|service| self.emits(emission.event, service, emission.span));
                }
            }
            for emission in saga
                .on_success
                .iter()
                .chain(&saga.on_failure)
                .flat_map(|outcome| &outcome.emits)
            {
                saga.coordinator
                    .into_iter()
                    .for_each(|service| self.emits(emission.event, service, emission.span));
            }
        }
    }

    fn emits(&mut self, event: EventId, service: ServiceId, span: Span) {
        self.emitters[event.index()].push((service, span));
    }
}
