//! Who calls whom, each pair of services once.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Model;
use crate::model::arena::{Id, ServiceId};
use crate::model::service::Party;

/// Who calls whom.
#[derive(Debug)]
pub struct Coupling {
    callers: Vec<BTreeSet<ServiceId>>,
    callees: Vec<BTreeSet<ServiceId>>,
}

impl Coupling {
    /// The coupling in a model; who calls itself is left out.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let mut coupling = Self {
            callers: vec![BTreeSet::new(); model.services.len()],
            callees: vec![BTreeSet::new(); model.services.len()],
        };
        for call in model.calls.iter() {
            if let Party::Service(to) = call.to
                && to != call.from
            {
                coupling.callers[to.index()].insert(call.from);
                coupling.callees[call.from.index()].insert(to);
            }
        }
        coupling
    }

    /// The services that call a service.
    #[must_use]
    pub fn callers(&self, service: ServiceId) -> &BTreeSet<ServiceId> {
        &self.callers[service.index()]
    }

    /// The services that a service calls.
    #[must_use]
    pub fn callees(&self, service: ServiceId) -> &BTreeSet<ServiceId> {
        &self.callees[service.index()]
    }

    /// The services that a service calls or is called by, by the team that owns them, as written; those that nobody owns are left out.
    #[must_use]
    pub fn neighbours<'m>(
        &self,
        model: &'m Model,
        service: ServiceId,
    ) -> BTreeMap<&'m str, BTreeSet<ServiceId>> {
        let mut by_team: BTreeMap<&str, BTreeSet<ServiceId>> = BTreeMap::new();
        for other in self.callers(service).union(self.callees(service)) {
            if let Some(team) = &model.services[*other].team_name {
                by_team.entry(team.as_str()).or_default().insert(*other);
            }
        }
        by_team
    }
}
