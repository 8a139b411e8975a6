//! Events of an older schema, brought up to the present one when they are read.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::StoredEvent;

/// Turns the data of an event into that of the next schema.
pub type Upcaster = fn(Json) -> Json;

/// The upcasters of an aggregate, by event and the schema that they start from.
#[derive(Clone, Debug, Default)]
pub struct Upcasters(BTreeMap<(&'static str, u32), (u32, Upcaster)>);

impl Upcasters {
    /// No upcasters.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds what turns an event of a schema into one of the next.
    #[must_use]
    pub fn add(mut self, kind: &'static str, from: u32, upcaster: Upcaster) -> Self {
        self.0.insert((kind, from), (from + 1, upcaster));
        self
    }

    /// Adds what turns an event of a schema into one of a later one, by their types. Data that does not fit its own schema is
    /// left as it is, and refused when the event is read.
    #[must_use]
    pub fn typed<A, B>(mut self, kind: &'static str, from: u32, to: u32) -> Self
    where
        A: DeserializeOwned,
        B: From<A> + Serialize,
    {
        // Never back or in place: bringing an event up must come to an end.
        if to > from {
            self.0.insert((kind, from), (to, lifted::<A, B>));
        }
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
            found.map(|(_, next)| *next)
        };
        while let Some((to, upcaster)) = find(&event) {
            event.data = upcaster(event.data);
            event.schema = to;
        }
        event
    }
}

fn lifted<A: DeserializeOwned, B: From<A> + Serialize>(data: Json) -> Json {
    let next = A::deserialize(&data).map(|previous| serde_json::to_value(B::from(previous)));
    match next {
        Ok(Ok(next)) => next,
        _ => data,
    }
}
