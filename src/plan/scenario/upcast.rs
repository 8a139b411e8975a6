//! The tests of upcasts: what an event of one version is, read as one of the next.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::print::raw;
use super::sample::sample_fields;
use super::world::{Sight, World, member};
use crate::model::arena::EventId;
use crate::model::effect::Root;
use crate::model::event::Event;
use crate::plan::types::Types;

/// The test of an upcast.
#[derive(Debug, Clone, Serialize)]
pub struct UpcastTest {
    /// Its name.
    pub name: String,
    /// The types of the two versions.
    pub from: String,
    /// See above.
    pub to: String,
    /// An event of the version before, as a literal.
    pub previous: String,
    /// What it becomes, as a literal.
    pub expected: String,
}

/// Plans the tests of the upcasts of events.
pub fn upcasts(types: &Types<'_>, events: &[EventId]) -> Vec<UpcastTest> {
    let model = types.model;
    let mut tests = Vec::new();
    for id in events {
        let event = &model.events[*id];
        for version in 1..event.versions.len() {
            let before = &event.versions[version - 1];
            let Some(previous) = sample_fields(model, &before.schema, 1) else {
                continue;
            };
            let Some(expected) = next(&mut World::new(model), event, version, &previous) else {
                continue;
            };
            let ty = |version| {
                let path = types.names.event_type(*id, version);
                path.rsplit("::").next().unwrap_or_default().to_owned()
            };
            tests.push(UpcastTest {
                name: format!(
                    "{}_v{}_becomes_v{}",
                    event.name.snake(),
                    before.number,
                    event.versions[version].number
                ),
                from: ty(version - 1),
                to: ty(version),
                previous: raw(&previous, 1),
                expected: raw(&expected, 1),
            });
        }
    }
    tests
}

/// What a payload becomes in the next version; none where that is any JSON.
pub(super) fn next(
    world: &mut World<'_>,
    event: &Event,
    version: usize,
    previous: &Json,
) -> Option<Json> {
    let (old, new) = (&event.versions[version - 1], &event.versions[version]);
    if old.schema.fields.is_empty() || new.schema.fields.is_empty() {
        return None;
    }
    let sight = Sight::default().with(Root::Previous, previous.clone());
    let mut payload = Map::new();
    for field in &new.schema.fields {
        let name = field.name.snake();
        let declared = new.upcast.iter().find(|given| given.field.snake() == name);
        let same = old.schema.find(name).filter(|old| old.ty == field.ty);
        let value = match (declared, same) {
            (Some(declared), _) => world.value(&declared.value, &sight),
            (None, Some(_)) => member(previous, &field.name).cloned(),
            // What is new and may be missing is missing.
            (None, None) => {
                (!field.required && old.schema.find(name).is_none()).then_some(Json::Null)
            }
        };
        if let Some(value) = value {
            payload.insert(field.name.as_str().to_owned(), value);
        }
    }
    Some(Json::Object(payload))
}
