//! Events of an older schema, brought up to the present one when they are read.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::StoredEvent;

/// Turns the data of an event into that of the next schema.
pub type Upcaster = fn(Json) -> Json;

/// The upcasters of an aggregate, by event and the schema that they start from.
#[derive(Clone, Debug, Default)]
pub struct Upcasters(BTreeMap<(&'static str, u32), Upcaster>);

impl Upcasters {
    /// No upcasters.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds what turns an event of a schema into one of the next.
    #[must_use]
    pub fn add(mut self, kind: &'static str, from: u32, upcaster: Upcaster) -> Self {
        self.0.insert((kind, from), upcaster);
        self
    }

    /// Brings an event as far up as upcasters lead.
    #[must_use]
    pub fn apply(&self, mut event: StoredEvent) -> StoredEvent {
        let find = |event: &StoredEvent| {
            let found = self
                .0
                .iter()
                .find(|((kind, from), _)| *kind == event.kind && *from == event.schema);
            found.map(|(_, upcaster)| *upcaster)
        };
        while let Some(upcaster) = find(&event) {
            event.data = upcaster(event.data);
            event.schema += 1;
        }
        event
    }
}
