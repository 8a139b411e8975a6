//! The JSON Schema of the records, for editors.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{Decode, Field};

/// The schemas of the records met so far.
#[derive(Debug, Default)]
pub struct Defs {
    defs: BTreeMap<String, Json>,
}

/// The properties of one record.
pub struct RecordSchema<'d> {
    defs: &'d mut Defs,
    keys: &'static [Field],
    properties: Map<String, Json>,
    required: Vec<Json>,
    next: usize,
}

impl Defs {
    /// A reference to the schema of a record, which is made when it is first met.
    pub fn record(
        &mut self,
        name: &str,
        keys: &'static [Field],
        doc: &str,
        fields: impl FnOnce(&mut RecordSchema<'_>),
    ) -> Json {
        if !self.defs.contains_key(name) {
            // The place is taken first: a record may hold itself.
            self.defs.insert(name.to_owned(), Json::Null);
            let mut record = RecordSchema {
                defs: self,
                keys,
                properties: Map::new(),
                required: Vec::new(),
                next: 0,
            };
            fields(&mut record);
            let RecordSchema {
                properties,
                required,
                ..
            } = record;
            let mut schema = json!({
                "description": paragraph(doc),
                "type": "object",
                "properties": properties,
                "additionalProperties": false,
            });
            if !required.is_empty() {
                schema["required"] = Json::Array(required);
            }
            self.defs.insert(name.to_owned(), schema);
        }
        json!({"$ref": format!("#/$defs/{name}")})
    }

    /// A schema under a name of its own, for what is decoded by hand.
    pub fn define(&mut self, name: &str, schema: impl FnOnce(&mut Self) -> Json) -> Json {
        if !self.defs.contains_key(name) {
            self.defs.insert(name.to_owned(), Json::Null);
            let schema = schema(self);
            self.defs.insert(name.to_owned(), schema);
        }
        json!({"$ref": format!("#/$defs/{name}")})
    }

    /// The schema, or nothing at all (`orders:`).
    pub fn or_null(&mut self, mut schema: Json) -> Json {
        match schema.get_mut("type") {
            Some(Json::Array(types)) => types.push("null".into()),
            Some(one @ Json::String(_)) => *one = json!([one.take(), "null"]),
            _ => match schema.get_mut("anyOf") {
                Some(Json::Array(forms)) => forms.push(json!({"type": "null"})),
                _ => return json!({"anyOf": [schema, {"type": "null"}]}),
            },
        }
        schema
    }

    /// The whole schema, with `root` at its top.
    #[must_use]
    pub fn into_document(self, id: &str, title: &str, root: &Json) -> Json {
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": id,
            "title": title,
            "$ref": root["$ref"],
            "$defs": self.defs,
        })
    }
}

impl RecordSchema<'_> {
    /// Adds the next key.
    pub fn field<T: Decode>(&mut self, doc: &str) {
        let Some(field) = self.keys.get(self.next) else {
            return;
        };
        self.next += 1;
        let mut schema = T::schema(self.defs);
        if T::MAY_BE_EMPTY {
            schema = self.defs.or_null(schema);
        }
        if let Json::Object(schema) = &mut schema {
            schema.insert("description".into(), paragraph(doc).into());
        } else {
            schema = json!({"description": paragraph(doc)});
        }
        for also in field.also {
            self.properties.insert((*also).to_owned(), schema.clone());
        }
        self.properties.insert(field.key.to_owned(), schema);
        // What a record can do without may stand in another file of the same system.
        if T::absent().is_none() && field.also.is_empty() {
            self.required.push(field.key.into());
        }
    }
}

/// A doc comment as one paragraph.
fn paragraph(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A type's name in words: `CircuitBreaker` is `circuit breaker`. A doc comment becomes one paragraph.
#[must_use]
pub fn describe(text: &str) -> String {
    if text.contains(char::is_whitespace) {
        return paragraph(text);
    }
    let mut words = String::new();
    for c in text.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}
