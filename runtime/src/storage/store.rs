//! The only door to durable state: what a database has to offer for everything else in this crate to stand on it.
//!
//! One small trait per concern; a [`Transaction`] is their sum, so that a change of state, the messages that tell of it and the
//! record that it happened become durable together or not at all.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Filter, Migration, Order, Position, Row, StoreError, Table, Value};
use crate::event_store::{Snapshot, StoredEvent};
use crate::messaging::Envelope;
use crate::saga::{ParticipationRecord, SagaCount, SagaRecord};
use crate::telemetry::Metrics;

/// What a store gives back.
pub type StoreResult<T> = Result<T, StoreError>;

/// A database that one service owns.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// What kind of database it is, for logs and health checks.
    fn name(&self) -> &'static str;
    /// Begins a transaction that may write.
    async fn begin(&self) -> StoreResult<Box<dyn Transaction>>;
    /// Begins what only reads, and what no writer has to wait for. What its readings see may change from one to the next.
    async fn begin_read(&self) -> StoreResult<Box<dyn Transaction>>;
    /// Begins what reads the outbox, and alone may publish what waits there until it ends: of several instances one at a time does, so that
    /// order is kept. None while another one is at it.
    async fn begin_relay(&self) -> StoreResult<Option<Box<dyn Transaction>>> {
        self.begin_read().await.map(Some)
    }
    /// Brings a named history of migrations up to date, and says how many were missing.
    async fn migrate(&self, history: &str, migrations: &[Migration]) -> StoreResult<usize>;
    /// Whether nothing of a named history of migrations is missing.
    async fn is_migrated(&self, history: &str, migrations: &[Migration]) -> StoreResult<bool>;
    /// Whether other instances of the service may work on it as well.
    fn is_shared(&self) -> bool {
        false
    }
    /// Shows what is worth watching about it.
    fn show(&self, _: &Metrics) {}
    /// Whether the database answers.
    async fn ping(&self) -> StoreResult<()>;
}

/// A unit of durable change. Dropped without a commit, nothing of it remains.
#[async_trait]
pub trait Transaction: Rows + Outbox + Inbox + Keys + Events + SagaLog + Send {
    /// Makes everything durable at once.
    async fn commit(self: Box<Self>) -> StoreResult<()>;
    /// Forgets everything.
    async fn rollback(self: Box<Self>) -> StoreResult<()>;
}

/// Which rows are read, and how.
#[derive(Clone, Debug)]
pub struct Select<'a> {
    /// The condition.
    pub filter: &'a Filter,
    /// The order.
    pub order: &'a Order,
    /// Only rows behind this one.
    pub after: Option<&'a Position>,
    /// How many at most.
    pub limit: Option<u32>,
    /// Whether the rows will be changed in this transaction, so that nobody else may until then.
    pub lock: bool,
}

/// Rows of tables.
#[async_trait]
pub trait Rows {
    /// Adds a row.
    async fn insert_row(&mut self, table: &Table<'_>, row: &Row) -> StoreResult<()>;
    /// Reads rows.
    async fn select_rows(&mut self, table: &Table<'_>, select: Select<'_>)
    -> StoreResult<Vec<Row>>;
    /// How many rows meet a condition.
    async fn count_rows(&mut self, table: &Table<'_>, filter: &Filter) -> StoreResult<u64>;
    /// Changes columns of the row with this identifier, if it is at this version. Says whether it was.
    async fn update_row(
        &mut self,
        table: &Table<'_>,
        id: Uuid,
        version: i64,
        changes: &[(String, Value)],
    ) -> StoreResult<bool>;
    /// Removes the row with this identifier. Says whether there was one.
    async fn delete_row(&mut self, table: &Table<'_>, id: Uuid) -> StoreResult<bool>;
}

/// Messages that wait to be published.
#[async_trait]
pub trait Outbox {
    /// Adds messages, in order.
    async fn outbox_append(&mut self, messages: &[Envelope]) -> StoreResult<()>;
    /// The oldest messages that are not marked as sent.
    async fn outbox_pending(&mut self, limit: u32) -> StoreResult<Vec<Envelope>>;
    /// Marks messages as sent, which removes them.
    async fn outbox_sent(&mut self, ids: &[Uuid]) -> StoreResult<()>;
    /// How many messages wait.
    async fn outbox_size(&mut self) -> StoreResult<u64>;
}

/// Messages that were taken in.
#[async_trait]
pub trait Inbox {
    /// Takes a message for a consumer. Says whether it is the first time.
    async fn inbox_claim(
        &mut self,
        consumer: &str,
        message: Uuid,
        now: DateTime<Utc>,
    ) -> StoreResult<bool>;
    /// Forgets messages that were taken before a moment.
    async fn inbox_purge(&mut self, before: DateTime<Utc>) -> StoreResult<u64>;
}

/// What an idempotency key belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyScope {
    /// Who asks.
    pub subject: String,
    /// For which operation.
    pub operation: String,
    /// The key as the client chose it.
    pub key: String,
}

/// A request that was answered under an idempotency key.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyRecord {
    /// What tells this request from another one under the same key.
    pub request_hash: String,
    /// The answer.
    pub response: serde_json::Value,
    /// When it is forgotten.
    pub expires_at: DateTime<Utc>,
}

/// Requests that were answered under an idempotency key.
#[async_trait]
pub trait Keys {
    /// The answer that was given under a key, which is held until the transaction ends: [`StoreError::KeyInFlight`] where another
    /// transaction holds it.
    async fn key_find(
        &mut self,
        scope: &KeyScope,
        now: DateTime<Utc>,
    ) -> StoreResult<Option<KeyRecord>>;
    /// Keeps an answer. Says whether the key was free.
    async fn key_insert(&mut self, scope: &KeyScope, record: &KeyRecord) -> StoreResult<bool>;
    /// Forgets the answers whose time is over.
    async fn key_purge(&mut self, now: DateTime<Utc>) -> StoreResult<u64>;
}

/// Streams of events.
#[async_trait]
pub trait Events {
    /// The version of a stream: how many events it holds.
    async fn stream_version(&mut self, stream: &str) -> StoreResult<i64>;
    /// Holds a stream against other writers until the transaction ends.
    async fn stream_hold(&mut self, stream: &str) -> StoreResult<()>;
    /// Adds events, whose versions must be free: a version that is taken is a [`StoreError::StreamChanged`].
    async fn events_append(&mut self, events: &[StoredEvent]) -> StoreResult<()>;
    /// The events of a stream behind a version, in order.
    async fn events_read(
        &mut self,
        stream: &str,
        after: i64,
        limit: u32,
    ) -> StoreResult<Vec<StoredEvent>>;
    /// The events of all streams behind a position, in order. None is given as long as one before it may still be committed, so that
    /// whoever reads on from the last misses nothing.
    async fn events_read_all(&mut self, after: i64, limit: u32) -> StoreResult<Vec<StoredEvent>>;
    /// The snapshot of a stream.
    async fn snapshot_load(&mut self, stream: &str) -> StoreResult<Option<Snapshot>>;
    /// Keeps a snapshot in place of the one before.
    async fn snapshot_save(&mut self, snapshot: &Snapshot) -> StoreResult<()>;
}

/// Sagas that run, and this service's part in sagas of others.
#[async_trait]
pub trait SagaLog {
    /// Adds a saga. Says whether the identifier was free.
    async fn saga_insert(&mut self, saga: &SagaRecord) -> StoreResult<bool>;
    /// A saga, held against others until the transaction ends.
    async fn saga_load(&mut self, id: Uuid) -> StoreResult<Option<SagaRecord>>;
    /// Replaces a saga that is at the revision before the given one. Says whether it was.
    async fn saga_save(&mut self, saga: &SagaRecord) -> StoreResult<bool>;
    /// The sagas whose timer has run out, oldest first.
    async fn sagas_due(&mut self, now: DateTime<Utc>, limit: u32) -> StoreResult<Vec<Uuid>>;
    /// When the next timer runs out.
    async fn sagas_next_due(&mut self) -> StoreResult<Option<DateTime<Utc>>>;
    /// The sagas that ended before a moment, oldest first; held against others, without those that others hold.
    async fn sagas_ended(
        &mut self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> StoreResult<Vec<SagaRecord>>;
    /// Forgets a saga.
    async fn saga_delete(&mut self, id: Uuid) -> StoreResult<()>;
    /// How many sagas there are, by name and status.
    async fn sagas_count(&mut self) -> StoreResult<Vec<SagaCount>>;
    /// The youngest sagas, for an operator's eyes.
    async fn sagas_recent(&mut self, limit: u32) -> StoreResult<Vec<SagaRecord>>;
    /// This service's part in a step of a saga, held against others until the transaction ends.
    async fn participation_load(
        &mut self,
        saga: Uuid,
        step: &str,
    ) -> StoreResult<Option<ParticipationRecord>>;
    /// Keeps this service's part in place of what was known before.
    async fn participation_save(&mut self, participation: &ParticipationRecord) -> StoreResult<()>;
    /// Forgets this service's part in a saga, and says in how many steps it was.
    async fn participations_delete(&mut self, saga: Uuid) -> StoreResult<u64>;
}
