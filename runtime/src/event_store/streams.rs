//! Streams of events within a unit of work.

use uuid::Uuid;

use super::{NewEvent, Snapshot, StoredEvent};
use crate::context::RequestContext;
use crate::storage::{StoreError, StoreResult, UnitOfWork};

const PAGE: u32 = 500;

/// What a writer believes a stream to be at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedVersion {
    /// Whatever it is at.
    Any,
    /// It has no events yet.
    NoStream,
    /// It is at this version: it holds this many events.
    Exactly(i64),
}

/// The streams of events of a service. What is appended is part of the unit of work, and becomes durable with it.
pub struct EventStore<'u> {
    uow: &'u mut UnitOfWork,
}

impl<'u> EventStore<'u> {
    pub(crate) fn new(uow: &'u mut UnitOfWork) -> Self {
        Self { uow }
    }

    /// Appends events to a stream, all or none, and gives the stream's version after them.
    ///
    /// # Errors
    /// [`StoreError::StreamChanged`] when the stream is at another version than expected.
    pub async fn append(
        &mut self,
        stream: &str,
        expected: ExpectedVersion,
        events: &[NewEvent],
    ) -> StoreResult<i64> {
        self.hold(stream).await?;
        let actual = self.uow.transaction().stream_version(stream).await?;
        let believed = match expected {
            ExpectedVersion::Any => actual,
            ExpectedVersion::NoStream => 0,
            ExpectedVersion::Exactly(version) => version,
        };
        if believed != actual {
            let (stream, expected) = (stream.to_owned(), believed.to_string());
            return Err(StoreError::StreamChanged {
                stream,
                expected,
                actual,
            });
        }
        let context = RequestContext::try_current();
        let context = context.as_ref();
        let metadata = serde_json::json!({
            "correlation_id": context.map(|context| context.correlation_id.as_str()),
            "traceparent": context.map(|context| context.trace.to_header()),
            "causation_id": self.uow.cause(),
        });
        let time = self.uow.now();
        let stored: Vec<StoredEvent> = (actual + 1..)
            .zip(events)
            .map(|(version, event)| StoredEvent {
                position: 0,
                id: Uuid::now_v7(),
                stream: stream.to_owned(),
                version,
                kind: event.kind.clone(),
                schema: event.schema,
                data: event.data.clone(),
                metadata: metadata.clone(),
                time,
            })
            .collect();
        self.uow.transaction().events_append(&stored).await?;
        Ok(stored.last().map_or(actual, |last| last.version))
    }

    /// The events of a stream behind a version, in order.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn read(&mut self, stream: &str, after: i64) -> StoreResult<Vec<StoredEvent>> {
        let mut events = Vec::new();
        let mut after = after;
        loop {
            let page = self
                .uow
                .transaction()
                .events_read(stream, after, PAGE)
                .await?;
            let Some(last) = page.last() else {
                return Ok(events);
            };
            after = last.version;
            events.extend(page);
        }
    }

    /// At most so many events of all streams behind a position, in order: for projections that follow everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn read_all(&mut self, after: i64, limit: u32) -> StoreResult<Vec<StoredEvent>> {
        self.uow.transaction().events_read_all(after, limit).await
    }

    /// Keeps others from the stream until the unit of work ends, so that what is read of it stays true.
    pub(super) async fn hold(&mut self, stream: &str) -> StoreResult<()> {
        self.uow.transaction().stream_hold(stream).await
    }

    pub(super) async fn snapshot(&mut self, stream: &str) -> StoreResult<Option<Snapshot>> {
        self.uow.transaction().snapshot_load(stream).await
    }

    pub(super) async fn keep(&mut self, snapshot: &Snapshot) -> StoreResult<()> {
        self.uow.transaction().snapshot_save(snapshot).await
    }
}
