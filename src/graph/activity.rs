//! What services do besides answering: events that they publish, sagas that they take part in, commands that something runs.

use std::collections::BTreeSet;

use crate::model::Model;
use crate::model::arena::{AggregateId, EventId, Id, ServiceId};
use crate::model::endpoint::Action;
use crate::model::service::Party;

use super::events::EventFlow;

/// What services do besides answering.
#[derive(Debug)]
pub struct Activity {
    published: Vec<BTreeSet<EventId>>,
    in_sagas: Vec<bool>,
    run: BTreeSet<(AggregateId, usize)>,
}

impl Activity {
    /// The activity in a model.
    #[must_use]
    pub fn of(model: &Model, events: &EventFlow) -> Self {
        let mut activity = Self {
            published: vec![BTreeSet::new(); model.services.len()],
            in_sagas: vec![false; model.services.len()],
            run: BTreeSet::new(),
        };
        for (id, event) in model.events.entries() {
            let declared = event
                .producers
                .iter()
                .filter_map(|party| match party.value {
                    Party::Service(service) => Some(service),
                    Party::External(_) => None,
                });
            let emitting = events.emitters(id).iter().map(|(service, _)| *service);
            for service in declared.chain(emitting) {
                activity.published[service.index()].insert(id);
            }
        }
        for saga in model.sagas.iter() {
            let steps = saga.steps.iter().filter_map(|step| step.service);
            for service in steps.chain(saga.coordinator) {
                activity.in_sagas[service.index()] = true;
            }
            for end in saga.on_success.iter().chain(&saga.on_failure) {
                let runs = end.runs.iter().map(|run| (run.aggregate, run.command));
                activity.run.extend(runs);
            }
        }
        for endpoint in model.endpoints.iter() {
            if let Action::Aggregate(run) = &endpoint.action {
                activity.run.insert((run.aggregate, run.command));
            }
        }
        let consumers = model.consumers.iter();
        let runs = consumers.filter_map(|consumer| consumer.reaction().runs.as_ref());
        activity
            .run
            .extend(runs.map(|run| (run.aggregate, run.command)));
        activity
    }

    /// The events that a service publishes, by declaration or by what it does.
    #[must_use]
    pub fn published(&self, service: ServiceId) -> &BTreeSet<EventId> {
        &self.published[service.index()]
    }

    /// Whether a service leads a saga or takes a step of one.
    #[must_use]
    pub fn is_in_a_saga(&self, service: ServiceId) -> bool {
        self.in_sagas[service.index()]
    }

    /// Whether an operation, a consumer or the end of a saga runs a command of an aggregate.
    #[must_use]
    pub fn is_run(&self, aggregate: AggregateId, command: usize) -> bool {
        self.run.contains(&(aggregate, command))
    }
}
