//! A store and a broker that count every durable operation and can stop the system right before or right after one of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::event_store::{Snapshot, StoredEvent};
use crate::messaging::{
    Answer, Bus, BusResult, DeadLetter, Delivery, Envelope, MessageError, Subscription,
};
use crate::saga::{ParticipationRecord, SagaCount, SagaRecord};
use crate::storage::{
    Events, Filter, Inbox, KeyRecord, KeyScope, Keys, Migration, Outbox, Row, Rows, SagaLog,
    Select, Store, StoreError, StoreResult, Table, Transaction, Value,
};

/// On which side of an operation the system stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    After,
}

/// Counts durable operations; burns through at the chosen one, and nothing works any more.
#[derive(Debug, Default)]
pub(crate) struct Fuse {
    count: AtomicUsize,
    stop: Option<(usize, Side)>,
    burnt: AtomicBool,
}

impl Fuse {
    pub(crate) fn new(stop: Option<(usize, Side)>) -> Arc<Self> {
        Arc::new(Self {
            stop,
            ..Self::default()
        })
    }

    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    pub(crate) fn is_burnt(&self) -> bool {
        self.burnt.load(Ordering::SeqCst)
    }

    fn burn(&self) {
        self.burnt.store(true, Ordering::SeqCst);
    }

    async fn around<T, E>(
        &self,
        stopped: fn() -> E,
        operation: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        if self.is_burnt() {
            return Err(stopped());
        }
        let at = self.count.fetch_add(1, Ordering::SeqCst);
        if self.stop == Some((at, Side::Before)) {
            self.burn();
            return Err(stopped());
        }
        let result = operation.await;
        if self.stop == Some((at, Side::After)) {
            self.burn();
            return Err(stopped());
        }
        result
    }
}

fn stopped() -> StoreError {
    StoreError::backend("go on", "the test stopped the system")
}

fn bus_stopped() -> MessageError {
    MessageError::Store(stopped())
}

pub(crate) struct FusedStore(pub(crate) Arc<dyn Store>, pub(crate) Arc<Fuse>);

#[async_trait]
impl Store for FusedStore {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    async fn begin(&self) -> StoreResult<Box<dyn Transaction>> {
        if self.1.is_burnt() {
            return Err(stopped());
        }
        Ok(Box::new(Fused(self.0.begin().await?, Arc::clone(&self.1))))
    }

    async fn begin_read(&self) -> StoreResult<Box<dyn Transaction>> {
        if self.1.is_burnt() {
            return Err(stopped());
        }
        self.0.begin_read().await
    }

    async fn begin_relay(&self) -> StoreResult<Option<Box<dyn Transaction>>> {
        if self.1.is_burnt() {
            return Err(stopped());
        }
        self.0.begin_relay().await
    }

    async fn migrate(&self, history: &str, migrations: &[Migration]) -> StoreResult<usize> {
        self.0.migrate(history, migrations).await
    }

    async fn is_migrated(&self, history: &str, migrations: &[Migration]) -> StoreResult<bool> {
        self.0.is_migrated(history, migrations).await
    }

    fn is_shared(&self) -> bool {
        self.0.is_shared()
    }

    async fn ping(&self) -> StoreResult<()> {
        self.0.ping().await
    }
}

struct Fused(Box<dyn Transaction>, Arc<Fuse>);

#[async_trait]
impl Transaction for Fused {
    async fn commit(self: Box<Self>) -> StoreResult<()> {
        let Self(transaction, fuse) = *self;
        fuse.around(stopped, transaction.commit()).await
    }

    async fn rollback(self: Box<Self>) -> StoreResult<()> {
        self.0.rollback().await
    }
}

macro_rules! pass_on {
    ($($trait:ident { $($name:ident($($argument:ident: $type:ty),*) -> $result:ty;)* })*) => {$(
        #[async_trait]
        impl $trait for Fused {
            $(async fn $name(&mut self, $($argument: $type),*) -> StoreResult<$result> {
                self.0.$name($($argument),*).await
            })*
        }
    )*};
}

pass_on! {
    Rows {
        insert_row(table: &Table<'_>, row: &Row) -> ();
        select_rows(table: &Table<'_>, select: Select<'_>) -> Vec<Row>;
        count_rows(table: &Table<'_>, filter: &Filter) -> u64;
        update_row(table: &Table<'_>, id: Uuid, version: i64, changes: &[(String, Value)]) -> bool;
        delete_row(table: &Table<'_>, id: Uuid) -> bool;
    }
    Outbox {
        outbox_append(messages: &[Envelope]) -> ();
        outbox_pending(limit: u32) -> Vec<Envelope>;
        outbox_sent(ids: &[Uuid]) -> ();
        outbox_size() -> u64;
    }
    Inbox {
        inbox_claim(consumer: &str, message: Uuid, now: DateTime<Utc>) -> bool;
        inbox_purge(before: DateTime<Utc>) -> u64;
    }
    Keys {
        key_find(scope: &KeyScope, now: DateTime<Utc>) -> Option<KeyRecord>;
        key_insert(scope: &KeyScope, record: &KeyRecord) -> bool;
        key_purge(now: DateTime<Utc>) -> u64;
    }
    Events {
        stream_version(stream: &str) -> i64;
        stream_hold(stream: &str) -> ();
        events_append(events: &[StoredEvent]) -> ();
        events_read(stream: &str, after: i64, limit: u32) -> Vec<StoredEvent>;
        events_read_all(after: i64, limit: u32) -> Vec<StoredEvent>;
        snapshot_load(stream: &str) -> Option<Snapshot>;
        snapshot_save(snapshot: &Snapshot) -> ();
    }
    SagaLog {
        saga_insert(saga: &SagaRecord) -> bool;
        saga_load(id: Uuid) -> Option<SagaRecord>;
        saga_save(saga: &SagaRecord) -> bool;
        sagas_due(now: DateTime<Utc>, limit: u32) -> Vec<Uuid>;
        sagas_next_due() -> Option<DateTime<Utc>>;
        sagas_ended(before: DateTime<Utc>, limit: u32) -> Vec<SagaRecord>;
        saga_delete(id: Uuid) -> ();
        sagas_count() -> Vec<SagaCount>;
        sagas_recent(limit: u32) -> Vec<SagaRecord>;
        participation_load(saga: Uuid, step: &str) -> Option<ParticipationRecord>;
        participation_save(participation: &ParticipationRecord) -> ();
        participations_delete(saga: Uuid) -> u64;
    }
}

pub(crate) struct FusedBus(pub(crate) Arc<dyn Bus>, pub(crate) Arc<Fuse>);

#[async_trait]
impl Bus for FusedBus {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    async fn publish(&self, messages: &[Envelope]) -> BusResult<()> {
        self.1.around(bus_stopped, self.0.publish(messages)).await
    }

    async fn subscribe(&self, topic: &str, group: &str) -> BusResult<Box<dyn Subscription>> {
        Ok(Box::new(FusedSubscription(
            self.0.subscribe(topic, group).await?,
            Arc::clone(&self.1),
        )))
    }

    async fn follow(&self, topic: &str, group: &str) -> BusResult<Box<dyn Subscription>> {
        Ok(Box::new(FusedSubscription(
            self.0.follow(topic, group).await?,
            Arc::clone(&self.1),
        )))
    }

    async fn lag(&self, topic: &str, group: &str) -> BusResult<u64> {
        self.0.lag(topic, group).await
    }

    async fn dead_letters(&self, groups: &str, limit: u32) -> BusResult<Vec<DeadLetter>> {
        self.0.dead_letters(groups, limit).await
    }

    async fn dead_letter_count(&self, group: &str) -> BusResult<u64> {
        self.0.dead_letter_count(group).await
    }

    async fn replay(&self, group: &str, message: Uuid) -> BusResult<()> {
        self.0.replay(group, message).await
    }

    async fn ping(&self) -> BusResult<()> {
        self.0.ping().await
    }
}

struct FusedSubscription(Box<dyn Subscription>, Arc<Fuse>);

impl FusedSubscription {
    fn wrap(&self, delivery: Delivery) -> Delivery {
        let (envelope, attempt) = (delivery.envelope.clone(), delivery.attempt);
        Delivery::new(
            envelope,
            attempt,
            Box::new(FusedAnswer(delivery, Arc::clone(&self.1))),
        )
    }
}

#[async_trait]
impl Subscription for FusedSubscription {
    async fn next(&mut self) -> BusResult<Delivery> {
        let delivery = self.0.next().await?;
        Ok(self.wrap(delivery))
    }

    async fn try_next(&mut self) -> BusResult<Option<Delivery>> {
        let delivery = self.0.try_next().await?;
        Ok(delivery.map(|delivery| self.wrap(delivery)))
    }
}

struct FusedAnswer(Delivery, Arc<Fuse>);

#[async_trait]
impl Answer for FusedAnswer {
    async fn ack(self: Box<Self>) -> BusResult<()> {
        let Self(delivery, fuse) = *self;
        fuse.around(bus_stopped, delivery.ack()).await
    }

    async fn retry(self: Box<Self>, after: Duration) -> BusResult<()> {
        let Self(delivery, fuse) = *self;
        fuse.around(bus_stopped, delivery.retry(after)).await
    }

    async fn postpone(self: Box<Self>, after: Duration) -> BusResult<()> {
        let Self(delivery, fuse) = *self;
        fuse.around(bus_stopped, delivery.postpone(after)).await
    }

    async fn give_up(self: Box<Self>, reason: &str) -> BusResult<()> {
        let Self(delivery, fuse) = *self;
        fuse.around(bus_stopped, delivery.give_up(reason)).await
    }
}
