//! Event-sourced aggregates of the service under test: what their events come to.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::body::{parsed, read};
use super::fixture::{Fixture, ONCE, must};
use super::seen::Seen;
use crate::event_store::{Aggregate, AggregateEvent as _, Aggregates, ExpectedVersion, NewEvent};
use crate::storage::Record;

/// When everything happened that happened before a test begins.
#[must_use]
pub fn once() -> DateTime<Utc> {
    read(&json!(ONCE).to_string())
}

impl Fixture {
    /// An event is in the stream of an aggregate, as a release of long ago may have written it.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn stored<A: Aggregate>(&self, id: Uuid, kind: &str, schema: u32, data: &str) {
        let event = NewEvent {
            kind: kind.to_owned(),
            schema,
            data: parsed(data),
        };
        let stream = Aggregates::<A>::stream(id);
        let append = self
            .database()
            .write(async |uow| {
                let mut events = uow.events();
                events.append(&stream, ExpectedVersion::Any, &[event]).await
            })
            .await;
        must(kind, append);
    }

    /// What the events of an aggregate come to, from the first one on.
    ///
    /// # Panics
    /// When one of them cannot be read, or its snapshot says something else.
    pub async fn replayed<A: Aggregate>(&self, id: Uuid) -> Seen {
        let state = self.replay::<A>(id).await;
        self.seen(format!("states of `{}`", A::NAME), vec![state])
    }

    /// What is shown of an aggregate is what its events come to.
    ///
    /// # Panics
    /// When it is not.
    pub async fn shows_its_events<A: Aggregate, T: Record>(&self, id: Uuid) {
        let state = self.replay::<A>(id).await;
        let rows = self.records::<T>().await;
        let row = rows.items().iter().find(|row| row["id"] == json!(id));
        let mut shown: Map<String, Json> =
            row.and_then(Json::as_object).cloned().unwrap_or_default();
        // Only that something has happened is not shown: its field has a name that no other has.
        let members = state.as_object().into_iter().flatten();
        let hidden: Vec<(&String, &Json)> = members
            .filter(|(name, value)| !value.is_null() && !shown.contains_key(*name))
            .collect();
        if let [(name, Json::Bool(true))] = hidden[..] {
            shown.insert(name.clone(), json!(true));
        }
        let read: A = serde_json::from_value(Json::Object(shown)).unwrap_or_else(|error| {
            panic!(
                "`{}` does not show all of `{}`: {error}",
                T::TABLE.name,
                A::NAME
            )
        });
        assert_eq!(json!(read), state, "what is shown is not what has happened");
    }

    async fn replay<A: Aggregate>(&self, id: Uuid) -> Json {
        let mut uow = must(A::NAME, self.database().read().await);
        let loaded = must(A::NAME, uow.aggregates::<A>().load(id).await);
        let stream = Aggregates::<A>::stream(id);
        let (mut state, upcasters) = (A::default(), A::upcasters());
        for event in must(A::NAME, uow.events().read(&stream, 0).await) {
            state.apply(&must(A::NAME, A::Event::decode(&upcasters.apply(event))));
        }
        assert_eq!(
            json!(loaded.state),
            json!(state),
            "a snapshot says something else"
        );
        json!(state)
    }
}
