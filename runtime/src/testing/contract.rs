//! Holds the type of an event against its committed schema, both ways: what the schema takes can be read, and what is missing or of
//! another type is refused by both.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

use super::body::{parsed, read};
use super::expectation::{Names, matches};
use crate::messaging::Event;

/// A schema that values are held against.
pub(super) struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    #[track_caller]
    fn of(text: &str) -> Self {
        Self::read(parsed(text))
    }

    #[track_caller]
    pub(super) fn read(schema: Value) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.enable_format_assertions();
        let place = "https://contract.invalid/schema.json";
        let added = compiler.add_resource(place, schema);
        added.unwrap_or_else(|error| panic!("no schema: {error}"));
        let index = compiler
            .compile(place, &mut schemas)
            .unwrap_or_else(|error| panic!("no schema: {error:#}"));
        Self { schemas, index }
    }

    pub(super) fn takes(&self, value: &Value) -> Result<(), String> {
        self.schemas
            .validate(value, self.index)
            .map_err(|error| format!("{error:#}"))
    }
}

/// An event's type has this name and version, and says the same as its schema of an example, of the example without each of its members, and with each of them of
/// another type.
///
/// # Panics
/// Where they differ.
#[track_caller]
pub fn same_contract<E: Event>(name: &str, version: u32, schema: &str, example: &str) {
    assert_eq!((E::NAME, E::VERSION), (name, version), "which event it is");
    let (schema, example) = (Schema::of(schema), parsed(example));
    let told = schema.takes(&example);
    assert!(told.is_ok(), "the schema refuses the example: {told:?}");
    let event: E = serde_json::from_value(example.clone())
        .unwrap_or_else(|error| panic!("the example is no {}: {error}", E::NAME));
    let written = serde_json::to_value(&event).unwrap_or_else(|error| panic!("no JSON: {error}"));
    let told = schema.takes(&written);
    assert!(told.is_ok(), "the schema refuses what is written: {told:?}");
    assert_eq!(written, example, "what is read is not what is written");
    for name in example
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys())
    {
        let mut without = example.clone();
        without.as_object_mut().map(|object| object.remove(name));
        agree::<E>(&schema, &without, &format!("without `{name}`"));
        for other in [
            json!(true),
            json!([[]]),
            json!({ "no": { "such": "thing" } }),
        ] {
            let mut wrong = example.clone();
            wrong[name] = other;
            agree::<E>(&schema, &wrong, &format!("with another `{name}`"));
        }
    }
}

#[track_caller]
fn agree<E: Event>(schema: &Schema, payload: &Value, what: &str) {
    let told = schema.takes(payload);
    let read = serde_json::from_value::<E>(payload.clone()).map(|_| ());
    assert!(
        told.is_ok() == read.is_ok(),
        "{what}, the schema says {told:?} and the type {read:?}"
    );
}

/// An event of one version becomes one of the next, with these members.
///
/// # Panics
/// When it becomes something else.
#[track_caller]
pub fn becomes<A: Event, B: Event + From<A>>(previous: &str, expected: &str) {
    let next = json!(B::from(read::<A>(previous)));
    if let Err(reason) = matches(&parsed(expected), &next, &mut Names::new()) {
        panic!("{} v{}: {reason}\n  of {next}", B::NAME, B::VERSION);
    }
}
