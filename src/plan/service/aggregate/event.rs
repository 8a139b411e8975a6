//! Events of an aggregate, and what they change in its state.

use serde::Serialize;

use super::Draft;
use crate::model::effect::{Assignment, Root};
use crate::model::event::AggregateEvent;
use crate::plan::code::Code;
use crate::plan::contract::enums_in_place;
use crate::plan::expr::{self, Bindings, Shape};
use crate::plan::rust::{StructDef, literal, sentence, words};

/// An event of an aggregate.
#[derive(Debug, Clone, Serialize)]
pub struct EventPlan {
    /// The variant.
    pub name: String,
    /// What happened, as a sentence.
    pub doc: String,
    /// The payload's type, spelt.
    pub ty: String,
    /// The schema's version.
    pub version: u32,
    /// The payload, where it is known to this service alone.
    pub own: Option<StructDef>,
    /// Whether others are told.
    pub published: bool,
    /// Statements that take it into the state.
    pub apply: String,
    /// Whether these look at the payload.
    pub reads: bool,
}

impl Draft<'_, '_> {
    pub(super) fn event(&mut self, at: usize) -> EventPlan {
        let event = &self.aggregate.events[at];
        let (path, shape) = self.payload(at);
        let ty = self.scope.import(&path);
        let own = event.published.is_none().then(|| self.own_payload_type(at));
        let apply = self.apply(event, shape);
        let version = event.published.map_or(1, |(id, version)| {
            self.types.model.events[id].versions[version].number
        });
        EventPlan {
            doc: sentence(None, &words(&event.name)),
            published: event.published.is_some(),
            reads: apply.reads("event"),
            apply: apply.text(4),
            name: event.name.pascal(),
            ty,
            version,
            own,
        }
    }

    /// The payload's type and what it looks like from inside.
    pub(super) fn payload(&self, at: usize) -> (String, Shape) {
        let event = &self.aggregate.events[at];
        if let Some((id, version)) = event.published {
            return (
                self.types.names.event_type(id, version),
                Bindings::event_shape(self.types, id, version),
            );
        }
        let path = format!("{}::{}", self.module, self.own.events[at]);
        let shape = Shape::Struct {
            owner: path.clone(),
            library: self.library.clone(),
        };
        (path, shape)
    }

    fn own_payload_type(&mut self, at: usize) -> StructDef {
        let event = &self.aggregate.events[at];
        let name = self.own.events[at].clone();
        self.enums.extend(enums_in_place(&event.schema, &name));
        let fields = self.fields(&event.schema, &format!("{}::{name}", self.module));
        StructDef {
            doc: format!("`{}`, known to this service alone.", event.name),
            name,
            fields,
            strict: false,
        }
    }

    /// Takes an event into the state.
    fn apply(&mut self, event: &AggregateEvent, shape: Shape) -> Code {
        let bindings = Bindings {
            now: "Utc::now()".to_owned(),
            ..Bindings::new(self.types)
        }
        .with(Root::Event, "event", shape)
        .with(Root::State, "self", Shape::Record(self.aggregate.entity));
        let mut code = Code::new();
        for given in &event.set {
            self.assign(given, &bindings, &mut code);
        }
        if let (Some(status), Some(field)) = (&event.status, self.status()) {
            let rust = self.types.entity_field(self.aggregate.entity, &field);
            let value = serde_json::Value::String(status.value.clone());
            let value = literal(&value, &rust, &mut self.scope);
            code.line(format!("self.{} = {value};", field.name.identifier()));
        }
        code
    }

    fn assign(&mut self, given: &Assignment, bindings: &Bindings<'_>, code: &mut Code) {
        let fields = self.state();
        let Some(field) = fields.find(given.field.snake()) else {
            return;
        };
        let rust = self.types.entity_field(self.aggregate.entity, field);
        let value = expr::value(&given.value, &rust, bindings, &mut self.scope);
        // What has happened cannot be refused.
        let text = if value.fallible {
            value.text.replace('?', ".unwrap_or_default()")
        } else {
            value.text
        };
        code.line(format!("self.{} = {text};", field.name.identifier()));
    }
}
