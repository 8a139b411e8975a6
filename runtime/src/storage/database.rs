//! A service's own database: where units of work begin.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use uuid::Uuid;

use super::watch::Watchers;
use super::{
    Clock, KeyScope, Migration, Record, Retention, Store, StoreError, StoreResult, SystemClock,
    UnitOfWork,
};
use crate::telemetry::Metrics;

/// How often to look where this process alone works on the store.
const LOOK: Duration = Duration::from_secs(10);
/// How often to look where others do as well.
const LOOK_SHARED: Duration = Duration::from_millis(500);

/// A service's own database. Cheap to clone; make one per service and clone it, since only clones wake each other's workers.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

struct Inner {
    service: String,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    outbox: Notify,
    timers: Notify,
    in_flight: Mutex<BTreeSet<KeyScope>>,
    answers_kept: Mutex<Duration>,
    watchers: Watchers,
}

impl Database {
    /// The database of a service, on the machine's clock.
    pub fn new(service: &str, store: impl Store) -> Self {
        Self::with_clock(service, Arc::new(store), Arc::new(SystemClock))
    }

    /// The database of a service, on another clock.
    pub fn with_clock(service: &str, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            service: service.to_owned(),
            store,
            clock,
            outbox: Notify::new(),
            timers: Notify::new(),
            in_flight: Mutex::default(),
            answers_kept: Mutex::new(Retention::default().answers),
            watchers: Watchers::default(),
        }))
    }

    /// Begins a unit of work. While it lasts, others that write wait: call other services before, not within.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begin(&self) -> StoreResult<UnitOfWork> {
        let transaction = self.0.store.begin().await?;
        Ok(UnitOfWork::new(self.clone(), transaction, true))
    }

    /// Begins a unit of work that only reads, and that nobody waits for.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn read(&self) -> StoreResult<UnitOfWork> {
        let transaction = self.0.store.begin_read().await?;
        Ok(UnitOfWork::new(self.clone(), transaction, false))
    }

    /// Begins what reads the outbox and alone may publish what waits there, until it ends; none while another instance is at it.
    pub(crate) async fn relay(&self) -> StoreResult<Option<UnitOfWork>> {
        let transaction = self.0.store.begin_relay().await?;
        Ok(transaction.map(|transaction| UnitOfWork::new(self.clone(), transaction, false)))
    }

    /// Brings a named history of migrations up to date: `service` for the generated ones, `custom` for the user's own. Says how many were missing.
    ///
    /// # Errors
    /// When a migration fails, or the history was rewritten.
    pub async fn migrate(&self, history: &str, migrations: &[Migration]) -> StoreResult<usize> {
        self.0.store.migrate(history, migrations).await
    }

    /// Whether nothing of a named history of migrations is missing.
    ///
    /// # Errors
    /// When the history was rewritten, or the store fails.
    pub async fn is_migrated(&self, history: &str, migrations: &[Migration]) -> StoreResult<bool> {
        self.0.store.is_migrated(history, migrations).await
    }

    /// Tells of each record of a type that a unit of work of this process added, changed or removed, once that is durable and
    /// before the commit is answered.
    pub fn on_change<T: Record, F, R>(&self, told: F)
    where
        F: Fn(Uuid) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        self.0.watchers.add(T::TABLE.name, told);
    }

    /// Shows what is worth watching about the store: of a server, `database_connections{state}` and `database_connections_max`.
    pub fn show(&self, metrics: &Metrics) {
        self.0.store.show(metrics);
    }

    pub(super) fn watchers(&self) -> &Watchers {
        &self.0.watchers
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> StoreResult<()> {
        self.0.store.ping().await
    }

    /// The service that owns the database.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.0.service
    }

    /// The clock that the service goes by.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// Completes when messages were put into the outbox since it was last awaited.
    pub(crate) async fn outbox_filled(&self) {
        self.0.outbox.notified().await;
    }

    /// Completes when a timer was set since it was last awaited.
    pub(crate) async fn timer_set(&self) {
        self.0.timers.notified().await;
    }

    /// How often those who wait look without having been woken: other instances of the service wake nobody here.
    pub(crate) fn look(&self) -> Duration {
        if self.0.store.is_shared() {
            LOOK_SHARED
        } else {
            LOOK
        }
    }

    pub(super) fn wake(&self, outbox: bool, timers: bool) {
        if outbox {
            self.0.outbox.notify_one();
        }
        if timers {
            self.0.timers.notify_one();
        }
    }

    /// From here on, answers under idempotency keys are kept so long.
    pub(super) fn keep_answers(&self, time: Duration) {
        *self.answers_kept_lock() = time;
    }

    /// How long answers under idempotency keys are kept.
    pub(super) fn answers_kept(&self) -> Duration {
        *self.answers_kept_lock()
    }

    fn answers_kept_lock(&self) -> std::sync::MutexGuard<'_, Duration> {
        let kept = self.0.answers_kept.lock();
        kept.unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds an idempotency key against a second request at the same time.
    pub(super) fn hold(&self, scope: &KeyScope) -> StoreResult<Held> {
        let mut in_flight = self
            .0
            .in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !in_flight.insert(scope.clone()) {
            return Err(StoreError::KeyInFlight);
        }
        Ok(Held {
            database: self.clone(),
            scope: scope.clone(),
        })
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("service", &self.0.service)
            .field("store", &self.0.store.name())
            .finish()
    }
}

/// An idempotency key whose request is being worked on; free again when dropped.
pub(super) struct Held {
    database: Database,
    scope: KeyScope,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.database
            .0
            .in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.scope);
    }
}
