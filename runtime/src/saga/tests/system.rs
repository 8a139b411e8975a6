//! A saga of three steps over three services, each with its own file, and a broker: driven by hand, so that runs repeat exactly.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::Duration as Span;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::messaging::embedded::EmbeddedBus;
use crate::messaging::{Bus, DeliveryPolicy, OutboxRelay};
use crate::problem::Result;
use crate::saga::{
    Coordinator, Definition, Faults, Participant, Provoked, Saga, SagaData, SagaFailure, Step,
    StepDefinition, StepError, StepKind, start,
};
use crate::storage::fused::{Fuse, FusedBus, FusedStore};
use crate::storage::sqlite::SqliteStore;
use crate::storage::testing::{MIGRATIONS, Thing};
use crate::storage::{Clock, Database, Filter, Floor, ManualClock, Store, UnitOfWork};
use crate::worker::{BoxError, Worker};

pub(super) const SERVICES: [&str; 3] = ["lead", "left", "right"];

static TRIP: Definition = Definition {
    name: "Trip",
    version: 1,
    timeout: Duration::from_secs(600),
    steps: &[
        StepDefinition::new("take", "left", StepKind::Compensatable).compensation("untake"),
        StepDefinition::new("book", "right", StepKind::Compensatable).compensation("unbook"),
        StepDefinition::new("ship", "lead", StepKind::Pivot),
    ],
};

pub(super) struct Trip;

#[async_trait]
impl Saga for Trip {
    fn definition(&self) -> &'static Definition {
        &TRIP
    }

    fn input(&self, step: &str, data: &SagaData) -> Result<Json> {
        Ok(match step {
            "take" => data.input.clone(),
            step => json!([step, data.output::<String>("take")?]),
        })
    }

    async fn on_success(&self, uow: &mut UnitOfWork, _: &SagaData) -> Result<()> {
        Ok(count(uow, "committed", 1).await?)
    }

    async fn on_failure(&self, uow: &mut UnitOfWork, _: &SagaData, _: &SagaFailure) -> Result<()> {
        Ok(count(uow, "compensated", 1).await?)
    }
}

async fn count(
    uow: &mut UnitOfWork,
    name: &str,
    by: i64,
) -> Result<(), crate::storage::StoreError> {
    let floors = [Floor::at_least("count", 0)];
    uow.repository::<Thing>()
        .adjust(Filter::eq("name", name), &[("count", by)], &floors)
        .await
        .map(|_| ())
}

struct Take;
struct Book;
struct Ship;

#[async_trait]
impl Step for Take {
    type Input = String;
    type Output = String;
    const SAGA: &'static str = "Trip";
    const NAME: &'static str = "take";

    async fn run(&self, step: &mut UnitOfWork, input: String) -> Result<String, StepError> {
        count(step, "stock", -1).await?;
        Ok(format!("taken by {input}"))
    }
}

#[async_trait]
impl Step for Book {
    type Input = Json;
    type Output = Uuid;
    const SAGA: &'static str = "Trip";
    const NAME: &'static str = "book";

    async fn run(&self, step: &mut UnitOfWork, _: Json) -> Result<Uuid, StepError> {
        count(step, "stock", -1).await?;
        let booking = Thing::named(&format!("booking {}", Uuid::now_v7()));
        Ok(step.repository::<Thing>().insert(booking).await?.id)
    }
}

#[async_trait]
impl Step for Ship {
    type Input = Json;
    type Output = ();
    const SAGA: &'static str = "Trip";
    const NAME: &'static str = "ship";

    async fn run(&self, step: &mut UnitOfWork, _: Json) -> Result<(), StepError> {
        Ok(count(step, "stock", -1).await?)
    }
}

/// Failures that the path under test asks for: at a step or compensation, so many times.
#[derive(Clone, Default)]
pub(super) struct Path(Arc<Mutex<BTreeMap<&'static str, (Provoked, u32)>>>);

impl Path {
    pub(super) fn of(faults: &[(&'static str, Provoked, u32)]) -> Self {
        Self(Arc::new(Mutex::new(
            faults
                .iter()
                .map(|(step, kind, times)| (*step, (*kind, *times)))
                .collect(),
        )))
    }
}

impl Faults for Path {
    fn strike(&self, _: &str, step: &str) -> Option<Provoked> {
        let mut faults = self.0.lock().unwrap();
        let (kind, times) = faults.get_mut(step)?;
        *times = times.checked_sub(1)?;
        Some(*kind)
    }
}

/// What survives a crash: the files, and the clock on the wall.
pub(super) struct Files {
    stores: BTreeMap<&'static str, Arc<dyn Store>>,
    bus: EmbeddedBus,
    clock: ManualClock,
    serial: AtomicU32,
    _folder: TempDir,
}

/// What is stored in all services: stock left, bookings, and how often the saga's end was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) stock: i64,
    pub(super) bookings: i64,
    pub(super) committed: i64,
    pub(super) compensated: i64,
}

impl Files {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at("2026-11-22T12:00:00Z".parse().unwrap());
        let bus = EmbeddedBus::open_with(folder.path().join("broker.db"), Arc::new(clock.clone()))
            .await
            .unwrap();
        let mut stores: BTreeMap<&str, Arc<dyn Store>> = BTreeMap::new();
        for service in SERVICES {
            let store = SqliteStore::open(folder.path().join(format!("{service}.db")))
                .await
                .unwrap();
            store.migrate("service", MIGRATIONS).await.unwrap();
            stores.insert(service, Arc::new(store));
        }
        let files = Self {
            stores,
            bus,
            clock,
            serial: AtomicU32::new(0),
            _folder: folder,
        };
        files.furnish().await;
        files
    }

    /// The same broker and clock, with other stores, whose tables are there: those of another instance of each service, perhaps.
    #[cfg(feature = "postgres")]
    pub(super) fn with_stores(&self, stores: BTreeMap<&'static str, Arc<dyn Store>>) -> Self {
        Self {
            stores,
            bus: self.bus.clone(),
            clock: self.clock.clone(),
            serial: AtomicU32::new(0),
            _folder: tempfile::tempdir().unwrap(),
        }
    }

    /// What each service begins with.
    pub(super) async fn furnish(&self) {
        let (stores, clock) = (&self.stores, &self.clock);
        for service in SERVICES {
            let database =
                Database::with_clock(service, stores[service].clone(), Arc::new(clock.clone()));
            for (name, amount) in [("stock", 1_000_000), ("committed", 0), ("compensated", 0)] {
                let thing = Thing {
                    count: amount,
                    ..Thing::named(name)
                };
                database
                    .write(async |uow| uow.repository::<Thing>().insert(thing).await)
                    .await
                    .unwrap();
            }
        }
    }

    pub(super) async fn totals(&self) -> Totals {
        let mut totals = Totals {
            stock: 0,
            bookings: 0,
            committed: 0,
            compensated: 0,
        };
        for service in SERVICES {
            let database = Database::with_clock(
                service,
                self.stores[service].clone(),
                Arc::new(self.clock.clone()),
            );
            let mut reading = database.read().await.unwrap();
            let mut things = reading.repository::<Thing>();
            for (name, total) in [
                ("stock", &mut totals.stock),
                ("committed", &mut totals.committed),
                ("compensated", &mut totals.compensated),
            ] {
                *total += things
                    .first(Filter::eq("name", name))
                    .await
                    .unwrap()
                    .unwrap()
                    .count;
            }
            totals.bookings +=
                i64::try_from(things.count(&Filter::All).await.unwrap()).unwrap() - 3;
        }
        totals
    }

    pub(super) fn bus(&self) -> &EmbeddedBus {
        &self.bus
    }

    pub(super) async fn database(&self, service: &str) -> Database {
        let clock = Arc::new(self.clock.clone());
        Database::with_clock(service, self.stores[service].clone(), clock)
    }

    pub(super) fn clock(&self) -> &ManualClock {
        &self.clock
    }

    pub(super) fn id(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.serial.fetch_add(1, Ordering::SeqCst)) + 1)
    }
}

/// Everything that runs, and dies in a crash.
pub(super) struct System {
    lead: Database,
    relays: Vec<OutboxRelay>,
    participants: Vec<Participant>,
    coordinator: Coordinator,
    clock: ManualClock,
}

impl System {
    pub(super) fn boot(files: &Files, path: &Path, fuse: &Arc<Fuse>) -> Self {
        let bus: Arc<dyn Bus> = Arc::new(FusedBus(Arc::new(files.bus.clone()), Arc::clone(fuse)));
        // One database per service, cloned: its clones wake each other.
        let databases = SERVICES.map(|service| {
            let store = FusedStore(files.stores[service].clone(), Arc::clone(fuse));
            let clock = Arc::new(files.clock.clone());
            (
                service,
                Database::with_clock(service, Arc::new(store), clock),
            )
        });
        let databases = BTreeMap::from(databases);
        let database = |service: &str| databases[service].clone();
        let policy = DeliveryPolicy {
            base_delay: Duration::ZERO,
            max_attempts: 1000,
            ..DeliveryPolicy::default()
        };
        let participant = |service: &str| {
            Participant::new(database(service), bus.clone())
                .faults(path.clone())
                .policy(policy)
        };
        let lead = database("lead");
        Self {
            relays: SERVICES
                .iter()
                .map(|service| OutboxRelay::new(database(service), bus.clone()))
                .collect(),
            participants: vec![
                participant("left").step(Take),
                participant("right").step(Book),
                participant("lead").step(Ship),
            ],
            coordinator: Coordinator::new(lead.clone(), bus.clone())
                .saga(Trip)
                .policy(policy),
            lead,
            clock: files.clock.clone(),
        }
    }

    /// Everything that runs, as a service runs it.
    pub(super) fn into_workers(self) -> Vec<Arc<dyn Worker>> {
        let mut workers: Vec<Arc<dyn Worker>> = vec![Arc::new(self.coordinator)];
        workers.extend(
            self.relays
                .into_iter()
                .map(|relay| Arc::new(relay) as Arc<dyn Worker>),
        );
        workers.extend(
            self.participants
                .into_iter()
                .map(|one| Arc::new(one) as Arc<dyn Worker>),
        );
        workers
    }

    /// Does what is due by the clock, and says how many sagas that moved.
    pub(super) async fn fire_due(&self) -> usize {
        self.coordinator.fire_due().await.unwrap()
    }

    /// Lets the coordinator forget what is old.
    pub(super) async fn forget_ended(&self) -> usize {
        self.coordinator.forget_ended().await.unwrap()
    }

    /// The coordinating service's database.
    pub(super) fn lead(&self) -> Database {
        self.lead.clone()
    }

    /// Sends and receives what is there now, and says how many messages that were.
    pub(super) async fn drain(&self) -> Result<usize, BoxError> {
        let mut moved = 0;
        for relay in &self.relays {
            moved += relay.drain().await?;
        }
        for participant in &self.participants {
            moved += participant.drain().await?;
        }
        Ok(moved + self.coordinator.drain().await?)
    }

    /// Starts the saga, again if need be, and works until it has ended and nothing moves any more.
    pub(super) async fn run(&self, id: Uuid) -> Result<String, BoxError> {
        let mut uow = self.lead.begin().await?;
        start(&mut uow, &Trip, id, &"me").await?;
        uow.commit().await?;
        self.end(id).await
    }

    /// Works until the saga has ended and nothing moves any more.
    pub(super) async fn end(&self, id: Uuid) -> Result<String, BoxError> {
        for _ in 0..500 {
            let moved = self.drain().await? + self.coordinator.fire_due().await?;
            if moved > 0 {
                continue;
            }
            let mut reading = self.lead.read().await?;
            let status = reading
                .transaction()
                .saga_load(id)
                .await?
                .expect("it was started")
                .status;
            let next = reading.transaction().sagas_next_due().await?;
            if status == "committed" || status == "compensated" {
                return Ok(status);
            }
            self.clock
                .advance_to(next.unwrap_or(self.clock.now() + Span::seconds(1)));
        }
        panic!("the saga does not end");
    }
}
