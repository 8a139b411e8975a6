//! Records as callers see them, alone and in pages.

use serde_json::{Value, json};

use super::{Components, refer};
use crate::model::arena::EntityId;
use crate::model::types::{Field, Type};
use crate::plan::openapi::fields::{common_fields, field, settled};
use crate::plan::schema::{self, describe};

impl Components<'_> {
    /// A record as callers see it.
    pub(super) fn record(&mut self, entity: EntityId) -> Value {
        let name = self.records[&entity].clone();
        if !self.written.contains_key(&name) {
            let fields = common_fields()
                .into_iter()
                .chain(self.own_fields(entity))
                .collect::<Vec<_>>();
            fields
                .iter()
                .for_each(|field| schema::needed(self.model, &field.ty, &mut self.types));
            let mut schema = self.schemas.record(fields.iter());
            describe(
                &mut schema,
                self.model.entities[entity].description.as_deref(),
            );
            self.written.insert(name.clone(), Value::Object(schema));
        }
        refer(&name)
    }

    pub(super) fn page(&mut self, entity: EntityId) -> Value {
        let items = self.record(entity);
        let name = format!("{}Page", self.records[&entity]);
        self.written.entry(name.clone()).or_insert_with(|| {
            json!({
                "type": "object",
                "properties": {
                    "items": {"type": "array", "items": items},
                    "next_cursor": {"type": "string", "description": "Where the next page begins; absent on the last one."},
                },
                "required": ["items"],
            })
        });
        refer(&name)
    }

    pub(super) fn own_fields(&self, entity: EntityId) -> Vec<Field> {
        match &self.model.entities[entity].fields {
            Some(fields) => fields.fields.clone(),
            None => vec![field("body", Type::Json, "What the record holds.")],
        }
    }

    pub(super) fn record_fields(&self, entity: EntityId, partial: bool) -> Vec<Field> {
        settled(&self.own_fields(entity), partial)
    }

    pub(super) fn record_example(&self, entity: EntityId) -> Option<Value> {
        let fields = common_fields()
            .into_iter()
            .chain(self.own_fields(entity))
            .collect::<Vec<_>>();
        self.example(&fields)
    }
}
