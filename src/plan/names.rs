//! Names that the file does not spell: of records, of types made for an operation, of the crates.

use std::collections::BTreeMap;

use crate::graph::records::records;
use crate::model::Model;
use crate::model::arena::{EntityId, EventId, ServiceId};
use crate::model::event::Aggregate;
use crate::model::name::{Name, is_known_type};
use crate::model::saga::{Saga, Step};
use crate::model::service::Party;
use crate::model::types::Fields;

/// What the file of an aggregate imports.
const AGGREGATE_IMPORTS: &[&str] = &[
    "Aggregate",
    "DateTime",
    "Problem",
    "UnitOfWork",
    "Upcasters",
    "Utc",
    "Uuid",
];

/// What the file of a saga imports.
const SAGA_IMPORTS: &[&str] = &[
    "Consumer",
    "Definition",
    "Duration",
    "Problem",
    "Saga",
    "SagaData",
    "SagaFailure",
    "StepDefinition",
    "StepKind",
    "UnitOfWork",
    "Uuid",
    "Value",
];

/// The types that the file of an aggregate defines: each has a name of its own there, however the architecture calls what it is for.
#[derive(Debug, Clone)]
pub struct AggregateTypes {
    /// Its state; its enums are called after it.
    pub state: String,
    /// The payload of each event, as far as this file defines it.
    pub events: Vec<String>,
    /// The input of each command, and its variant.
    pub commands: Vec<String>,
}

impl AggregateTypes {
    /// Spells the types of an aggregate.
    pub fn new(aggregate: &Aggregate) -> Self {
        let mut taken: Vec<String> = AGGREGATE_IMPORTS.iter().map(|own| (*own).into()).collect();
        let state = free(&aggregate.name, "State", &mut taken);
        taken.extend(["Event", "Command"].map(|own| format!("{state}{own}")));
        let events = aggregate.events.iter().map(|event| match event.published {
            Some(_) => event.name.pascal(),
            None => free(&event.name, "Payload", &mut taken),
        });
        let events = events.collect();
        let commands = aggregate.commands.iter();
        let commands = commands.map(|command| free(&command.name, "Input", &mut taken));
        let commands = commands.collect();
        Self {
            state,
            events,
            commands,
        }
    }

    /// The enum of its commands.
    pub fn command(&self) -> String {
        format!("{}Command", self.state)
    }
}

/// A type's name, longer where it is taken.
fn free(name: &Name, ending: &str, taken: &mut Vec<String>) -> String {
    let mut ty = name.pascal();
    while is_known_type(&ty) || taken.contains(&ty) {
        ty.push_str(ending);
    }
    taken.push(ty.clone());
    ty
}

/// The struct that a saga is.
pub fn saga_type(saga: &Saga) -> String {
    let name = saga.name.pascal();
    if SAGA_IMPORTS.contains(&name.as_str()) {
        format!("{name}Saga")
    } else {
        name
    }
}

/// What the files of a step are called by: its saga and itself, so that no other saga's steps can change it.
pub fn step_name(saga: &Saga, step: &Step) -> Name {
    let name = format!("{}_{}", saga.name.snake(), step.action.snake());
    Name::new(name, step.action.span())
}

/// A field that a generated struct has beside declared ones: with a `_` that no declared name ends in, where one of them has its name.
pub fn field_beside(own: &str, declared: &Fields) -> String {
    match declared.find(own) {
        Some(_) => format!("{own}_"),
        None => own.to_owned(),
    }
}

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
