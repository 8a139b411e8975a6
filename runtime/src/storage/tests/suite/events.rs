//! What streams and aggregates promise.

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::fixture::database;
use crate::event_store::*;
use crate::problem::{Problem, Result};
use crate::storage::{Database, StoreError};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Added {
    amount: i64,
    note: String,
}

#[derive(Clone, Debug, PartialEq)]
enum TallyEvent {
    Added(Added),
}

crate::aggregate_events!(TallyEvent { Added: 2 });

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tally {
    sum: i64,
    events: i64,
}

impl Aggregate for Tally {
    const NAME: &'static str = "tally";
    const SNAPSHOT_EVERY: i64 = 4;
    type Event = TallyEvent;
    type Command = Vec<i64>;
    type Error = Problem;

    fn apply(&mut self, TallyEvent::Added(event): &TallyEvent) {
        self.sum += event.amount;
        self.events += 1;
    }

    fn handle(&self, amounts: Vec<i64>) -> Result<Vec<TallyEvent>> {
        if self.sum + amounts.iter().sum::<i64>() < 0 {
            return Err(Problem::conflict("below zero"));
        }
        Ok(amounts
            .into_iter()
            .map(|amount| {
                TallyEvent::Added(Added {
                    amount,
                    note: String::new(),
                })
            })
            .collect())
    }

    fn upcasters() -> Upcasters {
        Upcasters::none().add(
            "Added",
            1,
            |data| json!({ "amount": data["by"], "note": "old" }),
        )
    }
}

async fn execute(database: &Database, id: Uuid, amounts: &[i64]) -> Result<Executed<Tally>> {
    let mut uow = database.begin().await?;
    let done = uow
        .aggregates::<Tally>()
        .execute(id, amounts.to_vec())
        .await?;
    uow.commit().await?;
    Ok(done)
}

async fn load(database: &Database, id: Uuid) -> Loaded<Tally> {
    database
        .read()
        .await
        .unwrap()
        .aggregates::<Tally>()
        .load(id)
        .await
        .unwrap()
}

async fn append(
    database: &Database,
    expected: ExpectedVersion,
    event: NewEvent,
) -> Result<i64, StoreError> {
    let stream = Aggregates::<Tally>::stream(Uuid::nil());
    database
        .write(async |uow| uow.events().append(&stream, expected, &[event]).await)
        .await
}

fn added(amount: i64) -> NewEvent {
    NewEvent::new(
        "Added",
        2,
        &Added {
            amount,
            note: String::new(),
        },
    )
    .unwrap()
}

#[tokio::test]
async fn two_events_of_one_command_get_two_versions() {
    let (database, _folder) = database().await;
    let done = execute(&database, Uuid::nil(), &[1, 2]).await.unwrap();
    assert_eq!((done.version, done.state.sum), (2, 3));
    let stream = Aggregates::<Tally>::stream(Uuid::nil());
    let events = database
        .read()
        .await
        .unwrap()
        .events()
        .read(&stream, 0)
        .await
        .unwrap();
    assert_eq!(
        events.iter().map(|event| event.version).collect::<Vec<_>>(),
        [1, 2]
    );
}

#[tokio::test]
async fn a_refused_command_appends_nothing() {
    let (database, _folder) = database().await;
    assert!(execute(&database, Uuid::nil(), &[5, -9]).await.is_err());
    assert_eq!(
        load(&database, Uuid::nil()).await,
        Loaded {
            state: Tally::default(),
            version: 0
        }
    );
}

#[tokio::test]
async fn the_expected_version_decides() {
    let (database, _folder) = database().await;
    append(&database, ExpectedVersion::NoStream, added(1))
        .await
        .unwrap();
    for outdated in [
        ExpectedVersion::NoStream,
        ExpectedVersion::Exactly(0),
        ExpectedVersion::Exactly(2),
    ] {
        let result = append(&database, outdated, added(1)).await;
        assert!(
            matches!(result, Err(StoreError::StreamChanged { actual: 1, .. })),
            "{outdated:?}"
        );
    }
    assert_eq!(
        append(&database, ExpectedVersion::Exactly(1), added(1))
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        append(&database, ExpectedVersion::Any, added(1))
            .await
            .unwrap(),
        3
    );
}

#[tokio::test]
async fn an_outdated_caller_is_told() {
    let (database, _folder) = database().await;
    execute(&database, Uuid::nil(), &[1]).await.unwrap();
    let mut uow = database.begin().await.unwrap();
    let result = uow
        .aggregates::<Tally>()
        .execute_at(Uuid::nil(), 0, vec![1])
        .await;
    assert_eq!(result.unwrap_err().status().as_u16(), 409);
}

#[tokio::test]
async fn an_event_of_an_older_schema_is_brought_up() {
    let (database, _folder) = database().await;
    append(
        &database,
        ExpectedVersion::NoStream,
        NewEvent::new("Added", 1, &json!({ "by": 7 })).unwrap(),
    )
    .await
    .unwrap();
    assert_eq!(load(&database, Uuid::nil()).await.state.sum, 7);
}

#[tokio::test]
async fn an_unknown_event_is_an_error_and_never_passed_over() {
    let (database, _folder) = database().await;
    for unknown in [
        NewEvent::new("Removed", 1, &json!({})).unwrap(),
        NewEvent::new("Added", 3, &json!({})).unwrap(),
    ] {
        append(&database, ExpectedVersion::Any, unknown)
            .await
            .unwrap();
        let result = database
            .read()
            .await
            .unwrap()
            .aggregates::<Tally>()
            .load(Uuid::nil())
            .await;
        assert!(matches!(result, Err(StoreError::UnknownEvent { .. })));
    }
}

#[tokio::test]
async fn all_streams_are_read_in_the_order_of_writing() {
    let (database, _folder) = database().await;
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    for id in [one, two, one] {
        execute(&database, id, &[1]).await.unwrap();
    }
    let mut reading = database.read().await.unwrap();
    let first = reading.events().read_all(0, 2).await.unwrap();
    let rest = reading
        .events()
        .read_all(first[1].position, 9)
        .await
        .unwrap();
    let streams: Vec<_> = first
        .iter()
        .chain(&rest)
        .map(|event| event.stream.clone())
        .collect();
    assert_eq!(streams, [one, two, one].map(Aggregates::<Tally>::stream));
}

#[tokio::test]
async fn what_is_not_committed_did_not_happen() {
    let (database, _folder) = database().await;
    let mut dropped = database.begin().await.unwrap();
    dropped
        .aggregates::<Tally>()
        .execute(Uuid::nil(), vec![1])
        .await
        .unwrap();
    drop(dropped);
    assert_eq!(load(&database, Uuid::nil()).await.version, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn snapshots_change_nothing_but_the_speed(commands in proptest::collection::vec(proptest::collection::vec(-3_i64..9, 0..4), 0..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (database, _folder) = database().await;
            for command in &commands {
                let _ = execute(&database, Uuid::nil(), command).await;
            }
            let stream = Aggregates::<Tally>::stream(Uuid::nil());
            let events = database.read().await.unwrap().events().read(&stream, 0).await.unwrap();
            let mut replayed = Tally::default();
            events.iter().for_each(|event| replayed.apply(&TallyEvent::decode(event).unwrap()));
            let loaded = load(&database, Uuid::nil()).await;
            prop_assert_eq!(loaded.version, i64::try_from(events.len()).unwrap());
            prop_assert_eq!(loaded.state, replayed);
            let snapshot = database.read().await.unwrap().transaction().snapshot_load(&stream).await.unwrap();
            prop_assert_eq!(snapshot.is_some(), events.len() >= 4);
            Ok(())
        })?;
    }

    #[test]
    fn of_concurrent_writers_at_one_version_exactly_one_succeeds(writers in 2_usize..6, rounds in 1_i64..5) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let (database, _folder) = database().await;
            for round in 0..rounds {
                let mut tasks = tokio::task::JoinSet::new();
                for writer in 0..writers {
                    let database = database.clone();
                    tasks.spawn(async move {
                        append(&database, ExpectedVersion::Exactly(round), added(i64::try_from(writer).unwrap())).await
                    });
                }
                let results = tasks.join_all().await;
                let told = |r: &&Result<i64, StoreError>| matches!(r, Err(StoreError::StreamChanged { .. }));
                prop_assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
                prop_assert_eq!(results.iter().filter(told).count(), writers - 1);
            }
            prop_assert_eq!(load(&database, Uuid::nil()).await.version, rounds);
            Ok(())
        })?;
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
struct First {
    by: i64,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Third {
    amount: i64,
}

impl From<First> for Third {
    fn from(previous: First) -> Self {
        Self {
            amount: previous.by,
        }
    }
}

fn stored(data: serde_json::Value) -> StoredEvent {
    StoredEvent {
        position: 1,
        id: Uuid::now_v7(),
        stream: "tally-1".to_owned(),
        version: 1,
        kind: "Added".to_owned(),
        schema: 1,
        data,
        metadata: json!({}),
        time: chrono::Utc::now(),
    }
}

#[test]
fn a_typed_upcaster_leads_to_the_schema_that_it_names() {
    let upcasters = Upcasters::none().typed::<First, Third>("Added", 1, 3);
    let lifted = upcasters.apply(stored(json!({ "by": 4 })));
    assert_eq!((lifted.schema, lifted.data), (3, json!({ "amount": 4 })));
}

#[test]
fn data_that_does_not_fit_its_own_schema_is_left_for_the_reader_to_refuse() {
    let upcasters = Upcasters::none().typed::<First, Third>("Added", 1, 3);
    let lifted = upcasters.apply(stored(json!({ "by": "much" })));
    assert!(lifted.data::<Third>().is_err());
}
