//! Event-sourced aggregates: their events, their commands, and how a command is run.

mod command;
mod event;
mod run;

use serde::Serialize;
use sha2::{Digest, Sha256};

pub use command::CommandPlan;
pub use event::EventPlan;
pub use run::run;

use crate::model::arena::AggregateId;
use crate::model::event::Aggregate;
use crate::model::service::Party;
use crate::model::types::{Field, Fields};
use crate::plan::effects;
use crate::plan::expr::Bindings;
use crate::plan::names::{AggregateTypes, field_beside};
use crate::plan::rust::{EnumDef, FieldDef, Scope, literal, string};
use crate::plan::schema::form;
use crate::plan::types::{Place, Types};

/// `aggregates/<name>.rs` of a service.
#[derive(Debug, Clone, Serialize)]
pub struct AggregatePlan {
    /// The module.
    pub module: String,
    /// The struct.
    pub name: String,
    /// Its field that tells whether anything has happened yet.
    pub begun: String,
    /// Its name as streams begin with.
    pub stream: String,
    /// What the file imports.
    pub imports: Scope,
    /// Enums of payloads and inputs.
    pub enums: Vec<EnumDef>,
    /// Fields of the state.
    pub state: Vec<FieldDef>,
    /// The value of each field before anything has happened, where the file says so of one at least.
    pub initial: Vec<(String, String)>,
    /// What stands for the form of the state and for what events do to it, as a literal.
    pub snapshot_schema: String,
    /// Events between two snapshots.
    pub snapshot_every: Option<u32>,
    /// What brings events of older versions up to the present one, where there are any, as an expression.
    pub upcasters: Option<String>,
    /// Its events.
    pub events: Vec<EventPlan>,
    /// Its commands.
    pub commands: Vec<CommandPlan>,
    /// The record that shows its state, spelt.
    pub record: String,
    /// The data that shows its state, as written.
    pub entity: String,
}

/// Plans an aggregate.
pub fn aggregate(types: &Types<'_>, id: AggregateId) -> AggregatePlan {
    let declared = &types.model.aggregates[id];
    let entity = &types.model.entities[declared.entity];
    let own = AggregateTypes::new(declared);
    let mut scope = own_scope(types, declared, &own);
    let bindings = Bindings::new(types);
    let record = scope.import(&effects::record_struct(&bindings, declared.entity));
    let fields = entity.fields.iter().flat_map(|own| &own.fields);
    let state = fields
        .map(|field| {
            let rust = types.entity_field(declared.entity, field);
            FieldDef::of(field, rust, &mut scope)
        })
        .collect();
    let initial = initial(types, declared, &mut scope);
    let mut draft = Draft {
        types,
        aggregate: declared,
        own,
        module: module(types, declared),
        library: library(types, declared),
        enums: Vec::new(),
        scope,
    };
    let events: Vec<EventPlan> = (0..declared.events.len())
        .map(|at| draft.event(at))
        .collect();
    let commands = (0..declared.commands.len())
        .map(|at| draft.command(at))
        .collect();
    let upcasters = upcasters(types, declared, &mut draft.scope);
    AggregatePlan {
        snapshot_schema: snapshot_schema(types, declared, &initial, &events, upcasters.as_deref()),
        upcasters,
        module: declared.name.identifier(),
        stream: declared.name.kebab(),
        snapshot_every: declared.snapshot_every,
        entity: entity.name.as_str().to_owned(),
        begun: draft.begun(),
        name: draft.own.state,
        imports: draft.scope,
        enums: draft.enums,
        state,
        initial,
        events,
        commands,
        record,
    }
}

/// Each field of the state before anything has happened; none where what Rust takes for nothing will do.
fn initial(types: &Types<'_>, declared: &Aggregate, scope: &mut Scope) -> Vec<(String, String)> {
    let entity = &types.model.entities[declared.entity];
    let fields = entity.fields.iter().flat_map(|own| &own.fields);
    let fields: Vec<&Field> = fields.collect();
    if fields.iter().all(|field| field.default.is_none()) {
        return Vec::new();
    }
    let values = fields.iter().map(|field| {
        let rust = types.entity_field(declared.entity, field);
        let value = match &field.default {
            Some(default) => literal(default, &rust, scope),
            None => "Default::default()".to_owned(),
        };
        (field.name.identifier(), value)
    });
    values.collect()
}

/// A number that changes whenever the form of the state or the meaning of an event does, so that older snapshots are passed over.
fn snapshot_schema(
    types: &Types<'_>,
    declared: &Aggregate,
    initial: &[(String, String)],
    events: &[EventPlan],
    upcasters: Option<&str>,
) -> String {
    let mut hash = Sha256::new();
    hash.update(form(types.model, declared.entity));
    let initial = initial.iter().flat_map(|(field, value)| [field, value]);
    let applied = events.iter().flat_map(|event| [&event.name, &event.apply]);
    for text in initial.chain(applied).map(String::as_str).chain(upcasters) {
        hash.update(text);
        hash.update([0]);
    }
    let digest = hash.finalize();
    let [a, b, c, d] = [digest[0], digest[1], digest[2], digest[3]];
    format!("0x{a:02x}{b:02x}_{c:02x}{d:02x}")
}

/// The file's scope: what it defines, and what every aggregate needs.
fn own_scope(types: &Types<'_>, declared: &Aggregate, own: &AggregateTypes) -> Scope {
    let mut scope = Scope::new(module(types, declared));
    scope.define(&own.state);
    scope.define(format!("{}Event", own.state));
    scope.define(own.command());
    let events = declared.events.iter().zip(&own.events);
    let events = events.filter(|(event, _)| event.published.is_none());
    let payloads = events.map(|(_, payload)| payload);
    own.commands
        .iter()
        .chain(payloads)
        .for_each(|own| scope.define(own));
    scope.all([
        "chrono::DateTime",
        "chrono::Utc",
        "msarch_runtime::aggregate_events",
        "msarch_runtime::event_store::Aggregate",
        "msarch_runtime::problem::Problem",
        "msarch_runtime::problem::Result",
        "msarch_runtime::storage::UnitOfWork",
        "serde::Deserialize",
        "serde::Serialize",
        "uuid::Uuid",
    ]);
    scope
}

/// An aggregate's file in the making.
struct Draft<'a, 'm> {
    types: &'a Types<'m>,
    aggregate: &'a Aggregate,
    /// The types that it defines.
    own: AggregateTypes,
    /// The path of its module.
    module: String,
    /// The contract of its service.
    library: String,
    enums: Vec<EnumDef>,
    scope: Scope,
}

impl Draft<'_, '_> {
    /// Declared fields as those of a struct of this file.
    fn fields(&mut self, fields: &Fields, owner: &str) -> Vec<FieldDef> {
        let place = Place {
            owner,
            library: &self.library,
        };
        fields
            .fields
            .iter()
            .map(|field| FieldDef::of(field, self.types.field(field, place), &mut self.scope))
            .collect()
    }

    /// The fields of the data that shows the aggregate's state.
    fn state(&self) -> Fields {
        let entity = &self.types.model.entities[self.aggregate.entity];
        entity.fields.clone().unwrap_or_default()
    }

    /// The field of the state that tells whether anything has happened yet.
    fn begun(&self) -> String {
        field_beside("begun", &self.state())
    }

    /// The field of the state that tells how far the aggregate's life has come.
    fn status(&self) -> Option<Field> {
        let name = self.aggregate.status.as_ref()?;
        self.state().find(name.snake()).cloned()
    }
}

/// The path of an aggregate's module.
fn module(types: &Types<'_>, aggregate: &Aggregate) -> String {
    let lib = types.names.service_lib(aggregate.service);
    format!("{lib}::aggregates::{}", aggregate.name.snake())
}

/// The contract of an aggregate's service.
fn library(types: &Types<'_>, aggregate: &Aggregate) -> String {
    types.names.contract_lib(Party::Service(aggregate.service))
}

/// Each version of a published event before the one that the aggregate takes becomes the one after it.
fn upcasters(types: &Types<'_>, aggregate: &Aggregate, scope: &mut Scope) -> Option<String> {
    let mut chain = String::new();
    for event in &aggregate.events {
        let Some((id, present)) = event.published else {
            continue;
        };
        let versions = &types.model.events[id].versions;
        for (at, pair) in versions.windows(2).enumerate().take(present) {
            let any = pair[1].schema.fields.is_empty() && pair[1].schema.raw.is_some();
            if any {
                continue;
            }
            let before = scope.import(&types.names.event_type(id, at));
            let after = scope.import(&types.names.event_type(id, at + 1));
            chain.push_str(&format!(
                ".typed::<{before}, {after}>({}, {}, {})",
                string(&event.name.pascal()),
                pair[0].number,
                pair[1].number
            ));
        }
    }
    if chain.is_empty() {
        return None;
    }
    let none = scope.import("msarch_runtime::event_store::Upcasters");
    Some(format!("{none}::none(){chain}"))
}
