//! One change of a service's state, with the messages that tell of it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::watch::{News, OnTheWay};
use super::{Database, Record, Repository, StoreResult, Transaction, UndoLog};
use crate::event_store::{Aggregate, Aggregates, EventStore};
use crate::messaging::{Envelope, Event, MessageError};

/// What a handler works with: repositories of the service's data and the events that go out, all in one transaction.
///
/// Dropped without a commit, nothing of it remains.
pub struct UnitOfWork {
    database: Database,
    transaction: Box<dyn Transaction>,
    writes: bool,
    messages: Vec<Envelope>,
    undo: Option<UndoLog>,
    cause: Option<Uuid>,
    timers: bool,
    news: News,
    afterwards: Vec<Box<dyn FnOnce() + Send>>,
}

impl UnitOfWork {
    pub(super) fn new(database: Database, transaction: Box<dyn Transaction>, writes: bool) -> Self {
        Self {
            database,
            transaction,
            writes,
            messages: Vec::new(),
            undo: None,
            cause: None,
            timers: false,
            news: News::default(),
            afterwards: Vec::new(),
        }
    }

    /// The records of a type.
    pub fn repository<T: Record>(&mut self) -> Repository<'_, T> {
        Repository::new(self)
    }

    /// The streams of events.
    pub fn events(&mut self) -> EventStore<'_> {
        EventStore::new(self)
    }

    /// The event-sourced aggregates of a type.
    pub fn aggregates<A: Aggregate>(&mut self) -> Aggregates<'_, A> {
        Aggregates::new(self)
    }

    /// Publishes an event once this unit of work is committed, and only then.
    ///
    /// # Errors
    /// When the event has no JSON form.
    pub fn publish<E: Event>(&mut self, event: E) -> Result<(), MessageError> {
        let envelope = Envelope::of(&event, self.service(), self.now())?;
        self.send(envelope);
        Ok(())
    }

    /// Sends a message once this unit of work is committed.
    pub fn send(&mut self, mut message: Envelope) {
        message.causation_id = message.causation_id.or(self.cause);
        self.messages.push(message);
    }

    /// The service that works here.
    #[must_use]
    pub fn service(&self) -> &str {
        self.database.service()
    }

    /// The moment, by the service's clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.database.clock().now()
    }

    /// The transaction beneath, for what this type has no word for.
    pub fn transaction(&mut self) -> &mut dyn Transaction {
        &mut *self.transaction
    }

    /// Takes back what an earlier unit of work did, the last change first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn undo(&mut self, log: &UndoLog) -> StoreResult<()> {
        let now = self.now();
        for (table, id) in log.records() {
            self.database.watchers().note(table, id, &mut self.news);
        }
        log.apply(&mut *self.transaction, now).await
    }

    /// Does something once this unit of work is committed, and only then: for what is no part of the store.
    pub fn afterwards(&mut self, work: impl FnOnce() + Send + 'static) {
        self.afterwards.push(Box::new(work));
    }

    /// Makes everything durable at once, and wakes those who wait for it.
    ///
    /// # Errors
    /// When the store fails; then nothing is durable, or the answer was lost and everything is.
    pub async fn commit(mut self) -> StoreResult<()> {
        let outbox = !self.messages.is_empty();
        if outbox {
            self.transaction.outbox_append(&self.messages).await?;
        }
        let mut news = OnTheWay(self.news);
        let committed = self.transaction.commit().await;
        // Also when it failed: the answer may have been lost, and everything is durable.
        news.0.tell().await;
        committed?;
        self.database.wake(outbox, self.timers);
        self.afterwards.into_iter().for_each(|work| work());
        Ok(())
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// When the store fails; nothing is durable all the same.
    pub async fn rollback(self) -> StoreResult<()> {
        self.transaction.rollback().await
    }

    /// From here on, changes of rows are written down.
    pub(crate) fn record_undo(&mut self) {
        self.undo = Some(UndoLog::default());
    }

    /// What was written down.
    pub(crate) fn take_undo(&mut self) -> UndoLog {
        self.undo.take().unwrap_or_default()
    }

    /// From here on, messages name this one as their cause.
    pub(crate) fn caused_by(&mut self, message: Uuid) {
        self.cause = Some(message);
    }

    /// The message that caused this unit of work.
    pub(crate) fn cause(&self) -> Option<Uuid> {
        self.cause
    }

    /// A timer was set, so whoever waits for timers has to look again after the commit.
    pub(crate) fn timer_set(&mut self) {
        self.timers = true;
    }

    pub(super) fn rows(&mut self) -> &mut dyn Transaction {
        &mut *self.transaction
    }

    /// Whether it may change anything.
    pub(super) fn writes(&self) -> bool {
        self.writes
    }

    /// A record has changed: noted for those who are told of it, and for the way back where that is written down.
    pub(super) fn note(
        &mut self,
        (table, id): (&str, Uuid),
        write: impl FnOnce(&mut UndoLog) -> StoreResult<()>,
    ) -> StoreResult<()> {
        self.database.watchers().note(table, id, &mut self.news);
        self.undo.as_mut().map_or(Ok(()), write)
    }
}
