//! Entities whose state is what their events have come to.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{EventStore, ExpectedVersion, NewEvent, Snapshot, StoredEvent, Upcasters};
use crate::problem::Problem;
use crate::storage::{StoreError, StoreResult, UnitOfWork};

/// The events of an aggregate, as one type. Written by the [`aggregate_events!`](crate::aggregate_events) macro.
pub trait AggregateEvent: Sized + Send + Sync {
    /// The event as it is stored.
    ///
    /// # Errors
    /// When it has no JSON form.
    fn encode(&self) -> StoreResult<NewEvent>;
    /// The event from what was stored.
    ///
    /// # Errors
    /// [`StoreError::UnknownEvent`] when there is no such event or schema, and an error when the data does not fit.
    fn decode(event: &StoredEvent) -> StoreResult<Self>;
}

/// An entity whose state is what its events have come to.
pub trait Aggregate: Default + Serialize + DeserializeOwned + Send + Sync {
    /// The aggregate's name, with which its streams begin.
    const NAME: &'static str;
    /// After how many events a snapshot is taken.
    const SNAPSHOT_EVERY: i64 = 100;
    /// Changes whenever the state's own form or the meaning of events changes, so that older snapshots are passed over.
    const SNAPSHOT_SCHEMA: u32 = 1;
    /// What happens to it.
    type Event: AggregateEvent;
    /// What is asked of it.
    type Command: Send;
    /// Why it may refuse.
    type Error: Into<Problem> + Send;

    /// Takes an event into the state. Cannot refuse: it has happened.
    fn apply(&mut self, event: &Self::Event);
    /// Decides what a command makes happen, without changing anything.
    ///
    /// # Errors
    /// When the state does not allow the command.
    fn handle(&self, command: Self::Command) -> Result<Vec<Self::Event>, Self::Error>;
    /// What brings older events up to the present schema.
    #[must_use]
    fn upcasters() -> Upcasters {
        Upcasters::none()
    }
}

/// An aggregate as it was loaded, or as a command left it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded<A> {
    /// Its state.
    pub state: A,
    /// The number of its events.
    pub version: i64,
}

/// What a command did.
#[derive(Clone, Debug, PartialEq)]
pub struct Executed<A: Aggregate> {
    /// The state afterwards.
    pub state: A,
    /// The number of its events afterwards.
    pub version: i64,
    /// What happened, for the projection and for those who are told.
    pub events: Vec<A::Event>,
}

/// The aggregates of a type within a unit of work: stream, projection and messages become durable together.
pub struct Aggregates<'u, A> {
    events: EventStore<'u>,
    aggregate: PhantomData<fn() -> A>,
}

impl<'u, A: Aggregate> Aggregates<'u, A> {
    pub(crate) fn new(uow: &'u mut UnitOfWork) -> Self {
        Self {
            events: EventStore::new(uow),
            aggregate: PhantomData,
        }
    }

    /// The stream of an aggregate.
    #[must_use]
    pub fn stream(id: Uuid) -> String {
        format!("{}-{id}", A::NAME)
    }

    /// Loads an aggregate; one without events is at version 0.
    ///
    /// # Errors
    /// When an event is unknown or cannot be read.
    pub async fn load(&mut self, id: Uuid) -> StoreResult<Loaded<A>> {
        let stream = Self::stream(id);
        let mut loaded = match self.events.snapshot(&stream).await? {
            Some(snapshot) if snapshot.schema == A::SNAPSHOT_SCHEMA => Loaded {
                version: snapshot.version,
                state: serde_json::from_value(snapshot.state)
                    .map_err(|e| StoreError::corrupt("a snapshot", e))?,
            },
            _ => Loaded {
                version: 0,
                state: A::default(),
            },
        };
        let upcasters = A::upcasters();
        for event in self.events.read(&stream, loaded.version).await? {
            loaded.version = event.version;
            loaded
                .state
                .apply(&A::Event::decode(&upcasters.apply(event))?);
        }
        Ok(loaded)
    }

    /// Carries out a command on an aggregate as it is now.
    ///
    /// # Errors
    /// What the aggregate refuses, or [`StoreError::StreamChanged`] when somebody else wrote in between.
    pub async fn execute(&mut self, id: Uuid, command: A::Command) -> Result<Executed<A>, Problem> {
        self.events.hold(&Self::stream(id)).await?;
        let loaded = self.load(id).await?;
        self.execute_on(id, loaded, command).await
    }

    /// Carries out a command on an aggregate that must be at a version: the one that the caller saw.
    ///
    /// # Errors
    /// What the aggregate refuses, or [`StoreError::StreamChanged`] when it is at another version.
    pub async fn execute_at(
        &mut self,
        id: Uuid,
        version: i64,
        command: A::Command,
    ) -> Result<Executed<A>, Problem> {
        self.events.hold(&Self::stream(id)).await?;
        let loaded = self.load(id).await?;
        if loaded.version != version {
            let (stream, expected) = (Self::stream(id), version.to_string());
            return Err(StoreError::StreamChanged {
                stream,
                expected,
                actual: loaded.version,
            }
            .into());
        }
        self.execute_on(id, loaded, command).await
    }

    async fn execute_on(
        &mut self,
        id: Uuid,
        loaded: Loaded<A>,
        command: A::Command,
    ) -> Result<Executed<A>, Problem> {
        let Loaded {
            mut state,
            version: before,
        } = loaded;
        let events = state.handle(command).map_err(Into::into)?;
        let encoded = events
            .iter()
            .map(AggregateEvent::encode)
            .collect::<StoreResult<Vec<_>>>()?;
        let stream = Self::stream(id);
        let version = self
            .events
            .append(&stream, ExpectedVersion::Exactly(before), &encoded)
            .await?;
        events.iter().for_each(|event| state.apply(event));
        if before / A::SNAPSHOT_EVERY.max(1) != version / A::SNAPSHOT_EVERY.max(1) {
            let state = serde_json::to_value(&state).map_err(Problem::internal)?;
            self.events
                .keep(&Snapshot {
                    stream,
                    version,
                    schema: A::SNAPSHOT_SCHEMA,
                    state,
                })
                .await?;
        }
        Ok(Executed {
            state,
            version,
            events,
        })
    }
}

/// Makes an enumeration the events of an aggregate: `aggregate_events!(AccountEvent { Opened: 1, Deposited: 2 })`.
///
/// Each variant holds one serializable value; the number is the present version of its schema.
#[macro_export]
macro_rules! aggregate_events {
    ($type:ident { $($variant:ident: $schema:literal),* $(,)? }) => {
        impl $crate::event_store::AggregateEvent for $type {
            fn encode(&self) -> $crate::storage::StoreResult<$crate::event_store::NewEvent> {
                match self {
                    $(Self::$variant(data) => $crate::event_store::NewEvent::new(stringify!($variant), $schema, data),)*
                }
            }

            fn decode(event: &$crate::event_store::StoredEvent) -> $crate::storage::StoreResult<Self> {
                match (event.kind.as_str(), event.schema) {
                    $((stringify!($variant), $schema) => event.data().map(Self::$variant),)*
                    _ => Err($crate::storage::StoreError::UnknownEvent {
                        kind: event.kind.clone(),
                        schema: event.schema,
                    }),
                }
            }
        }
    };
}
