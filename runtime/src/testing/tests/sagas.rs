//! Sagas as tests of services see them: what is as declared passes, and what is not is found.

use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::messaging::Event;
use crate::problem::{Problem, Result};
use crate::saga::{
    self, Coordinator, Definition, Participant, Saga, SagaData, Step, StepDefinition, StepError,
    StepKind,
};
use crate::service::{Service, ServiceSettings};
use crate::storage::sqlite::SqliteStore;
use crate::storage::testing::{MIGRATIONS, Thing};
use crate::storage::{Database, Filter, Floor, UnitOfWork};
use crate::testing::*;

static JOURNEY: Definition = Definition {
    name: "Journey",
    version: 1,
    timeout: Duration::from_secs(600),
    steps: &[
        StepDefinition::new("seat", "train", StepKind::Compensatable).compensation("unseat"),
        StepDefinition::new("pay", "bank", StepKind::Pivot),
    ],
};

struct Journey;

#[async_trait]
impl Saga for Journey {
    fn definition(&self) -> &'static Definition {
        &JOURNEY
    }

    fn input(&self, step: &str, data: &SagaData) -> Result<Value> {
        Ok(match step {
            "seat" => json!({ "train": data.input["train"] }),
            _ => json!({ "seat": data.given("seat")["seat"] }),
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Train {
    train: String,
}

#[derive(Serialize, Deserialize)]
struct Seat {
    seat: i64,
}

struct TakeSeat;

#[async_trait]
impl Step for TakeSeat {
    type Input = Train;
    type Output = Seat;
    const SAGA: &'static str = "Journey";
    const NAME: &'static str = "seat";

    async fn run(&self, uow: &mut UnitOfWork, input: Train) -> Result<Seat, StepError> {
        let (filter, floors) = (
            Filter::eq("name", input.train),
            [Floor::at_least("count", 0)],
        );
        let mut trains = uow.repository::<Thing>();
        let left = trains.adjust(filter, &[("count", -1)], &floors).await?;
        Ok(Seat {
            seat: left[0].count,
        })
    }
}

const SEAT: Declared = Declared {
    step: "seat",
    service: "train",
    compensation: Some("unseat"),
    input: r#"{"train": "night train"}"#,
    output: r#"{"seat": 7}"#,
};

const PAY: Declared = Declared {
    step: "pay",
    service: "bank",
    compensation: None,
    input: r#"{"seat": 7}"#,
    output: "null",
};

/// A service that leads the saga and takes one of its steps, with a train of five seats.
async fn start() -> Fixture {
    let setup = Setup::new();
    let mut config = setup.config("train");
    let settings = ServiceSettings::read(&mut config, 3001);
    let store = SqliteStore::open(settings.data_folder.join("train.db")).await;
    let database = Database::new("train", store.unwrap());
    database.migrate("service", MIGRATIONS).await.unwrap();
    let service = Service::builder("train", settings)
        .worker(Coordinator::new(database.clone(), setup.bus()).saga(Journey))
        .worker(Participant::new(database.clone(), setup.bus()).step(TakeSeat))
        .build();
    let service = setup.start(service, "train.db").await;
    let train = Thing::named("night train");
    let made = service.works(async |uow| Ok(uow.repository::<Thing>().insert(train).await?));
    made.await.unwrap();
    service
}

async fn begun(service: &Fixture) -> Led<'_> {
    let input = json!({ "train": "night train" });
    let started =
        service.works(async |uow| saga::start(uow, &Journey, Uuid::now_v7(), &input).await);
    started.await.unwrap();
    service.led("Journey").await
}

/// Whether something is noticed.
async fn found(what: impl Future) -> bool {
    std::panic::AssertUnwindSafe(what)
        .catch_unwind()
        .await
        .is_err()
}

#[tokio::test]
async fn a_saga_that_does_what_is_declared_passes() {
    let service = start().await;
    let mut saga = begun(&service).await;
    saga.takes(&SEAT).await;
    saga.refuses(&PAY).await;
    saga.takes_back(&SEAT).await;
    saga.ends("compensated").await;
}

#[tokio::test]
async fn what_a_saga_does_otherwise_is_found() {
    let service = start().await;
    let mut saga = begun(&service).await;
    assert!(found(saga.takes(&PAY)).await, "another step");
    assert!(found(saga.takes_back(&SEAT)).await, "another direction");
    assert!(found(saga.ends("committed")).await, "an end");
    for other in [
        Declared {
            service: "bank",
            ..SEAT
        },
        Declared {
            input: r#"{"train": "day train"}"#,
            ..SEAT
        },
        Declared {
            input: "{}",
            ..SEAT
        },
    ] {
        assert!(found(saga.takes(&other)).await, "{other:?}");
    }
    saga.takes(&SEAT).await;
    saga.goes_forward().await;
    saga.refuses(&PAY).await;
    assert!(found(saga.goes_forward()).await, "the way back");
    let other = Declared {
        compensation: None,
        ..SEAT
    };
    assert!(found(saga.takes_back(&other)).await, "another way back");
}

#[tokio::test]
async fn a_saga_that_was_not_started_or_twice_is_found() {
    let service = start().await;
    assert!(found(service.led("Journey")).await, "none");
    begun(&service).await;
    assert!(found(begun(&service)).await, "a second one");
}

#[tokio::test]
async fn a_step_is_answered_alike_however_often_it_is_asked_for() {
    let service = start().await;
    let step = service.step("Journey", "seat");
    for _ in 0..2 {
        step.run(SEAT.input).await.done(r#"{"seat": 4}"#);
    }
    for _ in 0..2 {
        step.compensate().await.done("null");
    }
    step.run(SEAT.input).await.rejected();
    let expected = r#"[{"name": "night train", "count": 5, "version": 3}]"#;
    service.records::<Thing>().await.are(expected);
}

#[tokio::test]
async fn what_a_step_answers_otherwise_is_found() {
    let service = start().await;
    let step = service.step("Journey", "seat");
    let replied = step.run(SEAT.input).await;
    let other = replied.clone();
    assert!(found(async { other.done(r#"{"seat": 5}"#) }).await);
    let other = replied.clone();
    assert!(found(async { other.rejected() }).await);
    assert!(found(async { replied.failed() }).await);
    let unknown = service.step("Journey", "seat");
    unknown.run(r#"{"train": "no train"}"#).await.rejected();
    let unknown = service.step("Journey", "seat").forward_only();
    unknown.run(r#"{"train": "no train"}"#).await.failed();
}

#[tokio::test]
async fn nothing_remains_of_work_that_is_refused() {
    let service = start().await;
    let refused = service.works(async |uow| {
        uow.repository::<Thing>()
            .insert(Thing::named("day train"))
            .await?;
        Err::<(), _>(Problem::conflict("no"))
    });
    assert!(refused.await.is_err());
    assert_eq!(service.records::<Thing>().await.items().len(), 1);
}

#[derive(Serialize, Deserialize)]
struct Left {
    train: String,
}

#[derive(Serialize, Deserialize)]
struct LeftLate {
    train: String,
    minutes: i64,
}

impl Event for Left {
    const NAME: &'static str = "Left";
    const VERSION: u32 = 1;
    const TOPIC: &'static str = "left";
}

impl Event for LeftLate {
    const NAME: &'static str = "Left";
    const VERSION: u32 = 2;
    const TOPIC: &'static str = "left";
}

impl From<Left> for LeftLate {
    fn from(previous: Left) -> Self {
        Self {
            train: previous.train,
            minutes: 0,
        }
    }
}

#[test]
fn an_event_that_becomes_something_else_is_found() {
    let previous = r#"{"train": "night train"}"#;
    becomes::<Left, LeftLate>(previous, r#"{"train": "night train", "minutes": 0}"#);
    let other = || becomes::<Left, LeftLate>(previous, r#"{"minutes": 5}"#);
    assert!(std::panic::catch_unwind(other).is_err());
}
