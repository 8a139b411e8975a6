//! Names that the file does not spell: of records, of types made for an operation, of the crates.

use std::collections::BTreeMap;

use crate::graph::records::records;
use crate::model::Model;
use crate::model::arena::{EntityId, EventId, ServiceId};
use crate::model::name::Name;
use crate::model::service::Party;

/// Names of records, crates and modules of a whole architecture.
#[derive(Debug)]
pub struct Names<'m> {
    model: &'m Model,
    records: BTreeMap<EntityId, Name>,
}

impl<'m> Names<'m> {
    /// Spells the names of a model.
    pub fn new(model: &'m Model) -> Self {
        let records = records(model);
        Self { model, records }
    }

    /// One record of an entity: `order_item` for `order_items`.
    pub fn record(&self, entity: EntityId) -> &Name {
        &self.records[&entity]
    }

    /// The library of a service, as Rust spells it.
    pub fn service_lib(&self, service: ServiceId) -> String {
        self.model.services[service].name.snake().to_owned()
    }

    /// The name of a party.
    pub fn party(&self, party: Party) -> &'m Name {
        match party {
            Party::Service(id) => &self.model.services[id].name,
            Party::External(id) => &self.model.externals[id].name,
        }
    }

    /// The contract library of a party, as Rust spells it.
    pub fn contract_lib(&self, party: Party) -> String {
        format!("contracts_{}", self.party(party).snake())
    }

    /// Who owns an event's types: its first producer.
    pub fn owner(&self, event: EventId) -> Option<Party> {
        self.model.events[event]
            .producers
            .first()
            .map(|producer| producer.value)
    }

    /// The library with an event's types.
    pub fn event_lib(&self, event: EventId) -> String {
        self.owner(event).map_or_else(
            || "contracts_external".to_owned(),
            |party| self.contract_lib(party),
        )
    }

    /// The path of an event's type, by its version's index.
    pub fn event_type(&self, event: EventId, version: usize) -> String {
        let declared = &self.model.events[event];
        let number = declared
            .versions
            .get(version)
            .map_or(1, |version| version.number);
        format!(
            "{}::events::{}V{number}",
            self.event_lib(event),
            declared.name.pascal()
        )
    }
}
