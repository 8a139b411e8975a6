//! Schemas that the user wrote: their own definitions move to where those of the document stand.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{BASE, Components};
use crate::model::name::Name;
use crate::syntax::source::Span;

impl Components<'_> {
    /// What the user wrote as JSON Schema, with its own definitions moved to ours: references look from the document's root.
    pub(super) fn hoisted(&mut self, name: &str, raw: &Value) -> Value {
        let mut raw = raw.clone();
        let mut moved = BTreeMap::new();
        if let Some(schema) = raw.as_object_mut() {
            schema.shift_remove("$schema");
            schema.shift_remove("$id");
            for key in ["$defs", "definitions"] {
                if let Some(Value::Object(definitions)) = schema.shift_remove(key) {
                    for (own, definition) in definitions {
                        let unique = self.unique(
                            &format!("{name}{}", Name::new(own.clone(), Span::default()).pascal()),
                            "Type",
                        );
                        moved.insert(format!("#/{key}/{own}"), (unique, definition));
                    }
                }
            }
        }
        let names: BTreeMap<String, String> = moved
            .iter()
            .map(|(path, (unique, _))| (path.clone(), format!("{BASE}{unique}")))
            .chain([("#".to_owned(), format!("{BASE}{name}"))])
            .collect();
        for (unique, mut definition) in moved.into_values() {
            redirect(&mut definition, &names);
            self.written.insert(unique, definition);
        }
        redirect(&mut raw, &names);
        raw
    }
}

/// Turns references of a schema of its own to where its parts stand now.
fn redirect(schema: &mut Value, names: &BTreeMap<String, String>) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(target) if key == "$ref" => {
                        if let Some(name) = names.get(target) {
                            name.clone_into(target);
                        }
                    }
                    value => redirect(value, names),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redirect(item, names)),
        _ => {}
    }
}
