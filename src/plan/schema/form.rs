//! All that a record consists of, as one text: where two texts are the same, what was written in one form can be read in the other.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Schemas;
use crate::model::Model;
use crate::model::arena::EntityId;

/// The schema of a record and of every named type in it.
#[must_use]
pub fn form(model: &Model, entity: EntityId) -> String {
    let schemas = Schemas::new(model, "#/");
    let fields = model.entities[entity].fields.iter();
    let objects = fields.map(|fields| Value::Object(schemas.object(fields)).to_string());
    let mut text: String = objects.collect();
    let mut named = BTreeSet::new();
    loop {
        let missing = model.types.ids().find(|id| {
            let name = schemas.name(*id);
            text.contains(&format!("\"#/{name}\"")) && !named.contains(&name)
        });
        let Some(id) = missing else {
            return text;
        };
        named.insert(schemas.name(id));
        text.push_str(&schemas.named(id).to_string());
    }
}
