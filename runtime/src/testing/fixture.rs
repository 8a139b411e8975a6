//! A whole service over a temporary folder.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use chrono::Utc;
use http::Method;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::body::parsed;
use super::bus::{Dealt, TestBus};
use super::call::Call;
use super::description::{Description, served};
use super::expectation::Names;
use super::saga::Led;
use super::seen::Seen;
use super::step::Asked;
use super::tokens::Tokens;
use crate::auth::Authenticate;
use crate::config::Config;
use crate::messaging::{Bus, Envelope};
use crate::problem::Problem;
use crate::service::Service;
use crate::shutdown::Shutdown;
use crate::storage::sqlite::SqliteStore;
use crate::storage::{
    Database, Filter, Order, Record, Row, Select, StoreResult, UnitOfWork, Value,
};

/// When the records that a test begins with were made, where it does not say so itself.
pub(super) const ONCE: &str = "2024-01-01T00:00:00Z";
/// An attempt after which nobody tries again.
const LAST_ATTEMPT: u32 = 1_000_000;

/// What a service is built from in a test.
pub struct Setup {
    folder: TempDir,
    bus: Arc<TestBus>,
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

impl Setup {
    /// A folder and a broker of its own for each test.
    ///
    /// # Panics
    /// When there is no room for temporary files.
    #[must_use]
    pub fn new() -> Self {
        let folder =
            tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary folder: {error}"));
        Self {
            folder,
            bus: Arc::default(),
        }
    }

    /// The settings of a service: the defaults, with its data in the folder, and without systems that are not ours.
    #[must_use]
    pub fn config(&self, service: &str) -> Config {
        let none: [(String, String); 0] = [];
        let variable = Config::from_pairs(service, none).variable("data.folder");
        Config::from_pairs(service, [(variable, self.path().display().to_string())])
            .without_addresses()
    }

    /// The broker.
    #[must_use]
    pub fn bus(&self) -> Arc<dyn Bus> {
        self.bus.clone()
    }

    /// Who knows the tokens of [`Call`]s.
    #[must_use]
    pub fn tokens(&self) -> Arc<dyn Authenticate> {
        Arc::new(Tokens)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The service under test, with the file of its data.
    ///
    /// # Panics
    /// When the file cannot be opened.
    pub async fn start(self, service: Service, file: &str) -> Fixture {
        let store = SqliteStore::open(self.path().join(file)).await;
        let store = store.unwrap_or_else(|error| panic!("{file}: {error}"));
        Fixture {
            router: service.router(),
            described: service
                .openapi()
                .map(|text| Arc::new(Description::read(text))),
            database: Database::new(service.name(), store),
            service,
            bus: self.bus,
            names: Arc::default(),
            running: Shutdown::new(),
            listening: Mutex::new(false),
            _folder: self.folder,
        }
    }
}

/// A service under test.
pub struct Fixture {
    service: Service,
    router: Router,
    described: Option<Arc<Description>>,
    database: Database,
    bus: Arc<TestBus>,
    names: Arc<Mutex<Names>>,
    running: Shutdown,
    listening: Mutex<bool>,
    _folder: TempDir,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.running.trigger();
    }
}

impl Fixture {
    /// The service.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The service's data.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The broker.
    #[must_use]
    pub fn bus(&self) -> &TestBus {
        &self.bus
    }

    /// A request.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let described = self.described.clone();
        Call::new(
            self.router.clone(),
            described,
            self.names.clone(),
            method,
            path,
        )
    }

    /// The operations that it serves are those that its description tells of.
    ///
    /// # Panics
    /// Where they differ.
    #[track_caller]
    pub fn serves_what_it_describes(&self) {
        let described = self.described.as_ref();
        let described = described.map_or_else(BTreeSet::new, |described| described.operations());
        let served = served(self.service.routes());
        let silent: Vec<_> = served.difference(&described).collect();
        let missing: Vec<_> = described.difference(&served).collect();
        assert!(
            silent.is_empty() && missing.is_empty(),
            "served and not described: {silent:?}; described and not served: {missing:?}"
        );
    }

    /// A `GET`.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// A `HEAD`.
    pub fn head(&self, path: &str) -> Call {
        self.call(Method::HEAD, path)
    }

    /// A `POST`.
    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    /// A `PUT`.
    pub fn put(&self, path: &str) -> Call {
        self.call(Method::PUT, path)
    }

    /// A `PATCH`.
    pub fn patch(&self, path: &str) -> Call {
        self.call(Method::PATCH, path)
    }

    /// A `DELETE`.
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    /// A record that is there before the test begins. Columns that are not given are empty, at version 1 and of long ago.
    ///
    /// # Panics
    /// When it is no such record.
    pub async fn given<T: Record>(&self, record: &str) {
        let json = parsed(record);
        let mut row = Row::new();
        for column in T::TABLE.columns {
            let value = match (json.get(column.name), column.name) {
                (Some(value), _) => value.clone(),
                (None, "version") => json!(1),
                (None, "created_at" | "updated_at") => json!(ONCE),
                (None, _) => Json::Null,
            };
            let value = Value::from_json(value, column.kind);
            row.set(
                column.name,
                value.unwrap_or_else(|error| panic!("{}: {error}", column.name)),
            );
        }
        let insert = self
            .database
            .write(async |uow| uow.transaction().insert_row(&T::TABLE, &row).await);
        must(record, insert.await);
    }

    /// All records of a type.
    ///
    /// # Panics
    /// When they cannot be read.
    pub async fn records<T: Record>(&self) -> Seen {
        let table = T::TABLE;
        let mut uow = must(table.name, self.database.read().await);
        let select = Select {
            filter: &Filter::all(),
            order: &Order::ascending("id"),
            after: None,
            limit: None,
            lock: false,
        };
        let rows = must(
            table.name,
            uow.transaction().select_rows(&table, select).await,
        );
        let object = |row: &Row| {
            row.iter()
                .map(|(column, value)| (column.to_owned(), value.to_json()))
                .collect()
        };
        self.seen(
            format!("records of `{}`", table.name),
            rows.iter().map(|row| Json::Object(object(row))).collect(),
        )
    }

    /// The events that wait in the outbox, each as `{"event", "version", "topic", "key", "producer", "payload"}`. What sagas say to
    /// each other is not among them.
    ///
    /// # Panics
    /// When they cannot be read.
    pub async fn outbox(&self) -> Seen {
        let show = |message: &Envelope| {
            json!({
                "event": message.name, "version": message.version, "topic": message.topic, "key": message.key,
                "producer": message.producer, "payload": message.payload,
            })
        };
        self.seen(
            "events in the outbox",
            self.waiting()
                .await
                .iter()
                .filter(|message| !message.topic.starts_with("sagas."))
                .map(show)
                .collect(),
        )
    }

    /// The messages that wait in the outbox.
    ///
    /// # Panics
    /// When they cannot be read.
    pub async fn waiting(&self) -> Vec<Envelope> {
        let mut uow = must("the outbox", self.database.read().await);
        must(
            "the outbox",
            uow.transaction().outbox_pending(u32::MAX).await,
        )
    }

    pub(super) fn seen(&self, what: impl Into<String>, items: Vec<Json>) -> Seen {
        Seen::new(what, items, self.names.clone())
    }

    pub(super) fn names(&self) -> Arc<Mutex<Names>> {
        self.names.clone()
    }

    /// Does something in one unit of work, as a handler does.
    ///
    /// # Errors
    /// Whatever the work is refused for; nothing of it remains then.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn works<T>(
        &self,
        work: impl AsyncFnOnce(&mut UnitOfWork) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut uow = must("a unit of work", self.database.begin().await);
        let done = work(&mut uow).await?;
        must("a unit of work", uow.commit().await);
        Ok(done)
    }

    /// A step of a new saga, which the service takes part in.
    #[must_use]
    pub fn step(&self, saga: &str, step: &str) -> Asked<'_> {
        Asked::new(self, saga, step)
    }

    /// The saga that was started, and that the service leads.
    ///
    /// # Panics
    /// When none was started, or more than one.
    pub async fn led(&self, saga: &str) -> Led<'_> {
        Led::find(self, saga).await
    }

    /// Delivers a message to a consumer, for the first time.
    pub async fn deliver(&self, consumer: &str, message: &Envelope) -> Dealt {
        self.listen();
        self.bus.deliver(consumer, message, 1).await
    }

    /// Delivers a message to a consumer for the last time, after which it is given up.
    pub async fn deliver_at_last(&self, consumer: &str, message: &Envelope) -> Dealt {
        self.listen();
        self.bus.deliver(consumer, message, LAST_ATTEMPT).await
    }

    /// Runs the background work of the service, but for the relay: what is published stays in the outbox, in sight.
    fn listen(&self) {
        let mut listening = self
            .listening
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if !std::mem::replace(&mut *listening, true) {
            self.run(|name| name != RELAY);
        }
    }

    /// Runs the relay until a message comes out at the broker, and says which it is.
    ///
    /// # Panics
    /// When none comes.
    pub async fn relayed(&self) -> Envelope {
        self.run(|name| name == RELAY);
        for _ in 0..2_000 {
            if let Some(message) = self.bus.published().pop() {
                return message;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        panic!("nothing takes messages from the outbox to the broker");
    }

    /// What is published goes from the outbox to the broker.
    ///
    /// # Panics
    /// When it does not.
    pub async fn relays(&self) {
        let message = Envelope::new(
            "test",
            "Test",
            1,
            String::new(),
            "test",
            Utc::now(),
            json!({}),
        );
        self.publishes(message.clone()).await;
        assert_eq!(
            self.relayed().await.id,
            message.id,
            "another message came out"
        );
    }

    fn run(&self, wanted: impl Fn(&str) -> bool) {
        let workers = self.service.workers().iter();
        for worker in workers.filter(|worker| wanted(worker.name())) {
            let worker = worker.clone();
            let running = self.running.clone();
            tokio::spawn(async move {
                if let Err(error) = worker.run(&running).await {
                    tracing::error!(worker = worker.name(), error = %error, "worker failed");
                }
            });
        }
    }

    /// Puts a message into the outbox.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn publishes(&self, message: Envelope) {
        let append = self
            .database
            .write(async |uow| uow.transaction().outbox_append(&[message]).await);
        must("the outbox", append.await);
    }
}

pub(super) fn must<T>(what: &str, result: StoreResult<T>) -> T {
    result.unwrap_or_else(|error| panic!("{what}: {error}"))
}

/// The name of the relay among the workers of a service.
const RELAY: &str = "outbox-relay";
