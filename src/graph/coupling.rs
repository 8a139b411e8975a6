//! Who calls whom, each pair of services once, and what one uses of another.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Model;
use crate::model::arena::{CallId, EndpointId, Id, ServiceId};
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

/// Everybody whom a service calls, systems that are not ours included: each once with the first call, in the order of the file. Itself
/// is left out.
#[must_use]
pub fn asked(model: &Model, service: ServiceId) -> Vec<(Party, CallId)> {
    let mut known = BTreeSet::from([Party::Service(service)]);
    let calls = model.services[service].calls.iter();
    calls
        .map(|call| (model.calls[*call].to, *call))
        .filter(|(party, _)| known.insert(*party))
        .collect()
}

/// What one service uses of another.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// The first call that names operations; the first of all where none does.
    pub first: CallId,
    /// The operations that calls name, each once.
    pub operations: BTreeSet<EndpointId>,
    /// Whether every call names its operations.
    pub named: bool,
}

/// What services use of each other, by caller and callee.
#[must_use]
pub fn conversations(model: &Model) -> BTreeMap<(ServiceId, ServiceId), Conversation> {
    let mut pairs: BTreeMap<(ServiceId, ServiceId), Conversation> = BTreeMap::new();
    for (id, call) in model.calls.entries() {
        let Party::Service(to) = call.to else {
            continue;
        };
        let pair = pairs.entry((call.from, to));
        let pair = pair.or_insert_with(|| Conversation {
            first: id,
            operations: BTreeSet::new(),
            named: true,
        });
        if !call.operations_named {
            pair.named = false;
            continue;
        }
        if pair.operations.is_empty() {
            pair.first = id;
        }
        pair.operations.extend(&call.operations);
    }
    pairs
}
