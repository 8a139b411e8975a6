//! The contract of a service: what others may know of it. One crate per party that serves or publishes.

pub mod api;
pub mod client;
pub mod events;
mod limits;
pub mod request;
pub mod schema;
pub mod shared;

use std::collections::BTreeSet;

use serde::Serialize;

pub use api::{Api, ResourceDef, common_fields, response_name};
pub use client::{Client, ClientMethod, client_name};
pub use events::{EventFile, EventType, topic};
pub use request::{free_form, patched, request_checks, request_fields, request_type};
pub use schema::SchemaFile;
pub use shared::{SharedTypes, enums_in_place};

use super::names::Names;
use super::scenario::{UpcastTest, upcasts};
use super::types::Types;
use crate::model::Model;
use crate::model::arena::{EventId, TypeId};
use crate::model::service::Party;

/// A contract crate.
#[derive(Debug, Clone, Serialize)]
pub struct Contract {
    /// The crate: `contracts-shop`.
    pub krate: String,
    /// The crate as Rust spells it.
    pub lib: String,
    /// Whose contract it is, as written in the file.
    pub of: String,
    /// What it holds, as a sentence.
    pub doc: String,
    /// Named types.
    pub types: Option<SharedTypes>,
    /// Requests and answers.
    pub api: Option<Api>,
    /// Events, a file each.
    pub events: Vec<EventFile>,
    /// The client.
    pub client: Option<Client>,
    /// JSON Schemas, a file per event and version.
    pub schemas: Vec<SchemaFile>,
    /// What events of one version are, read as the next.
    pub upcasts: Vec<UpcastTest>,
}

/// The contracts of an architecture, sorted by crate. A party without operations, events and shared types has none.
pub fn contracts(types: &Types<'_>) -> Vec<Contract> {
    let model = types.model;
    let services = model.services.ids().map(Party::Service);
    let externals = model.externals.ids().map(Party::External);
    let mut contracts: Vec<Contract> = services
        .chain(externals)
        .filter_map(|party| of_party(types, party))
        .collect();
    contracts.extend(of_nobody(types));
    contracts.sort_by(|a, b| a.krate.cmp(&b.krate));
    contracts
}

fn of_party(types: &Types<'_>, party: Party) -> Option<Contract> {
    let names = types.names;
    let lib = names.contract_lib(party);
    let owned: Vec<EventId> = owned(types.model, names, Some(party));
    let api = api::api(types, party, &lib);
    let named = named_types(types, party, &owned);
    let contract = Contract {
        krate: lib.replace('_', "-"),
        of: names.party(party).as_str().to_owned(),
        doc: format!("What others may know of `{}`.", names.party(party)),
        types: shared::shared(types, &named, &lib),
        client: client::client(types, party, &lib),
        api,
        events: events::files(types, &owned, &lib),
        schemas: schema::files(types, &owned),
        upcasts: upcasts(types, &owned),
        lib,
    };
    let empty = contract.types.is_none()
        && contract.api.is_none()
        && contract.events.is_empty()
        && contract.client.is_none();
    (!empty).then_some(contract)
}

/// Events that come from outside, from nobody in particular.
fn of_nobody(types: &Types<'_>) -> Option<Contract> {
    let owned = owned(types.model, types.names, None);
    if owned.is_empty() {
        return None;
    }
    let lib = "contracts_external".to_owned();
    let mut named = BTreeSet::new();
    event_types(types, &owned, &mut named);
    Some(Contract {
        krate: lib.replace('_', "-"),
        of: "external".to_owned(),
        doc: "Events that come from outside.".to_owned(),
        types: shared::shared(types, &named, &lib),
        api: None,
        events: events::files(types, &owned, &lib),
        client: None,
        schemas: schema::files(types, &owned),
        upcasts: upcasts(types, &owned),
        lib,
    })
}

fn owned(model: &Model, names: &Names<'_>, party: Option<Party>) -> Vec<EventId> {
    let mut owned: Vec<EventId> = model
        .events
        .ids()
        .filter(|id| names.owner(*id) == party)
        .collect();
    owned.sort_by(|a, b| model.events[*a].name.cmp(&model.events[*b].name));
    owned
}

/// Every named type that a party's operations, events, data, aggregates and saga steps use.
fn named_types(types: &Types<'_>, party: Party, owned: &[EventId]) -> BTreeSet<TypeId> {
    let model = types.model;
    let mut named = BTreeSet::new();
    event_types(types, owned, &mut named);
    for endpoint in model
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.owner == party)
    {
        for body in [&endpoint.request, &endpoint.response] {
            match body {
                crate::model::endpoint::Body::Type(ty) => types.needed(ty, &mut named),
                crate::model::endpoint::Body::Fields(fields) => types.needed_by(fields, &mut named),
                _ => {}
            }
        }
    }
    if let Party::Service(service) = party {
        for id in &model.services[service].entities {
            model.entities[*id]
                .fields
                .iter()
                .for_each(|fields| types.needed_by(fields, &mut named));
        }
        for id in &model.services[service].aggregates {
            let aggregate = &model.aggregates[*id];
            aggregate
                .events
                .iter()
                .for_each(|event| types.needed_by(&event.schema, &mut named));
            aggregate
                .commands
                .iter()
                .for_each(|command| types.needed_by(&command.input, &mut named));
        }
        let led = model
            .sagas
            .iter()
            .filter(|saga| saga.coordinator == Some(service) && saga.trigger.is_none());
        led.for_each(|saga| types.needed_by(&saga.input, &mut named));
        for step in model
            .sagas
            .iter()
            .flat_map(|saga| &saga.steps)
            .filter(|step| step.service == Some(service))
        {
            step.inputs
                .iter()
                .for_each(|input| types.needed(&input.ty, &mut named));
            step.outputs
                .iter()
                .for_each(|output| types.needed(&output.ty, &mut named));
            let compensation = step
                .compensation
                .iter()
                .flat_map(|compensation| &compensation.inputs);
            compensation.for_each(|input| types.needed(&input.ty, &mut named));
        }
    }
    named
}

fn event_types(types: &Types<'_>, events: &[EventId], named: &mut BTreeSet<TypeId>) {
    for version in events
        .iter()
        .flat_map(|id| &types.model.events[*id].versions)
    {
        types.needed_by(&version.schema, named);
    }
}
