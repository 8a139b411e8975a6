//! The log of sagas, and of this service's part in them.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use uuid::Uuid;

use super::fixture::database;
use crate::saga::{ParticipationRecord, SagaCount, SagaRecord};

fn moment() -> DateTime<Utc> {
    "2026-11-22T12:00:00.123456Z".parse().unwrap()
}

fn saga(number: u128, wake_in: Option<i64>) -> SagaRecord {
    SagaRecord {
        id: Uuid::from_u128(number),
        name: "Trip".to_owned(),
        definition: 1,
        status: "running".to_owned(),
        revision: 1,
        wake_at: wake_in.map(|seconds| moment() + Duration::seconds(seconds)),
        started_at: moment(),
        ended_at: None,
        body: json!({ "step": 0 }),
    }
}

#[tokio::test]
async fn a_saga_is_kept_once_and_changed_only_from_the_revision_before() {
    let (database, _place) = database().await;
    let mut uow = database.begin().await.unwrap();
    let log = uow.transaction();
    let first = saga(1, Some(5));
    assert!(log.saga_insert(&first).await.unwrap());
    assert!(!log.saga_insert(&first).await.unwrap());
    let next = SagaRecord {
        revision: 2,
        wake_at: None,
        ended_at: Some(moment()),
        status: "committed".to_owned(),
        ..first
    };
    assert!(log.saga_save(&next).await.unwrap());
    assert!(!log.saga_save(&next).await.unwrap());
    assert_eq!(log.saga_load(next.id).await.unwrap(), Some(next));
    assert_eq!(log.saga_load(Uuid::nil()).await.unwrap(), None);
}

#[tokio::test]
async fn timers_are_due_in_the_order_in_which_they_run_out() {
    let (database, _place) = database().await;
    let mut uow = database.begin().await.unwrap();
    let log = uow.transaction();
    for (number, wake_in) in [(1, Some(3)), (2, Some(1)), (3, None), (4, Some(9))] {
        log.saga_insert(&saga(number, wake_in)).await.unwrap();
    }
    let due = log.sagas_due(moment() + Duration::seconds(3), 9).await;
    assert_eq!(due.unwrap(), [2, 1].map(Uuid::from_u128));
    let next = log.sagas_next_due().await.unwrap();
    assert_eq!(next, Some(moment() + Duration::seconds(1)));
    let running = SagaCount {
        name: "Trip".to_owned(),
        status: "running".to_owned(),
        count: 4,
    };
    assert_eq!(log.sagas_count().await.unwrap(), [running]);
}

#[tokio::test]
async fn ended_sagas_are_found_and_forgotten() {
    let (database, _place) = database().await;
    let mut uow = database.begin().await.unwrap();
    let log = uow.transaction();
    for number in 1..=2 {
        let ended = SagaRecord {
            ended_at: Some(moment() + Duration::seconds(i64::try_from(number).unwrap())),
            ..saga(number, None)
        };
        log.saga_insert(&ended).await.unwrap();
    }
    let before = moment() + Duration::seconds(2);
    let ended = log.sagas_ended(before, 9).await.unwrap();
    assert_eq!(ended.len(), 1);
    log.saga_delete(ended[0].id).await.unwrap();
    assert!(log.sagas_ended(before, 9).await.unwrap().is_empty());
    assert_eq!(log.sagas_recent(9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_part_in_a_step_is_replaced_and_forgotten_with_its_saga() {
    let (database, _place) = database().await;
    let mut uow = database.begin().await.unwrap();
    let log = uow.transaction();
    let part = |step: &str, status: &str| ParticipationRecord {
        saga: Uuid::from_u128(1),
        step: step.to_owned(),
        status: status.to_owned(),
        body: json!({ "undo": ["\u{0}"] }),
        updated_at: moment(),
    };
    for record in [part("a", "done"), part("a", "closed"), part("b", "done")] {
        log.participation_save(&record).await.unwrap();
    }
    let known = log.participation_load(Uuid::from_u128(1), "a").await;
    assert_eq!(known.unwrap(), Some(part("a", "closed")));
    assert_eq!(
        log.participations_delete(Uuid::from_u128(1)).await.unwrap(),
        2
    );
    let known = log.participation_load(Uuid::from_u128(1), "a").await;
    assert_eq!(known.unwrap(), None);
}
