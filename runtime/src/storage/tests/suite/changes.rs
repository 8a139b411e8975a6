//! Records are written, read, changed and removed, and messages with them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rust_decimal::Decimal;
use uuid::Uuid;

use super::fixture::*;
use crate::problem::Problem;
use crate::storage::{Filter, Floor, Migration, StoreError, Value};

#[tokio::test]
async fn a_record_comes_back_as_it_was_written() {
    let (database, _folder) = database().await;
    let written = insert(
        &database,
        Thing {
            r#type: Some("x".into()),
            ..Thing::named("a")
        },
    )
    .await;
    assert_eq!(get(&database, written.id).await, written);
    assert_eq!(written.version, 1);
}

#[tokio::test]
async fn an_update_raises_the_version_and_an_outdated_one_is_refused() {
    let (database, _folder) = database().await;
    let first = insert(&database, Thing::named("a")).await;
    let update = async |thing: Thing| {
        database
            .write(async |uow| uow.repository::<Thing>().update(thing).await)
            .await
    };
    let second = update(Thing {
        name: "b".into(),
        ..first.clone()
    })
    .await
    .unwrap();
    assert_eq!((second.version, second.name.as_str()), (2, "b"));
    assert!(matches!(
        update(first).await,
        Err(StoreError::Changed { expected: 1, .. })
    ));
    assert_eq!(get(&database, second.id).await, second);
}

#[tokio::test]
async fn a_record_that_exists_already_is_a_conflict() {
    let (database, _folder) = database().await;
    insert(&database, Thing::named("a")).await;
    let again = database
        .write(async |uow| uow.repository::<Thing>().insert(Thing::named("a")).await)
        .await;
    assert!(matches!(again, Err(StoreError::Conflict { table, .. }) if table == "order"));
}

#[tokio::test]
async fn a_deleted_record_is_gone_and_deleting_it_again_finds_nothing() {
    let (database, _folder) = database().await;
    let id = insert(&database, Thing::named("a")).await.id;
    let delete = async || {
        database
            .write(async |uow| uow.repository::<Thing>().delete(id).await)
            .await
    };
    delete().await.unwrap();
    assert!(matches!(delete().await, Err(StoreError::NotFound { .. })));
}

#[tokio::test]
async fn numbers_are_adjusted_exactly() {
    let (database, _folder) = database().await;
    let id = insert(
        &database,
        Thing {
            amount: Decimal::new(1, 1),
            ..Thing::named("a")
        },
    )
    .await
    .id;
    for _ in 0..3 {
        let by = [
            ("amount", Value::from(Decimal::new(1, 1))),
            ("count", Value::from(-1)),
        ];
        database
            .write(async |uow| {
                uow.repository::<Thing>()
                    .adjust(Filter::eq("id", id), &by, &[])
                    .await
            })
            .await
            .unwrap();
    }
    let thing = get(&database, id).await;
    assert_eq!((thing.amount, thing.count), (Decimal::new(4, 1), 2));
}

#[tokio::test]
async fn a_broken_floor_is_a_refusal_that_changes_nothing() {
    let (database, _folder) = database().await;
    let id = insert(&database, Thing::named("a")).await.id;
    let result = database
        .write(async |uow| {
            let things = &mut uow.repository::<Thing>();
            things
                .adjust(Filter::eq("id", id), &[("count", 3)], &[])
                .await?;
            things
                .adjust(
                    Filter::eq("id", id),
                    &[("count", -9)],
                    &[Floor::at_least("count", 0)],
                )
                .await
        })
        .await;
    let error = result.unwrap_err();
    assert!(error.is_refusal(), "{error}");
    assert_eq!(error.to_string(), "`count` of `order` would fall below 0");
    assert_eq!(get(&database, id).await.count, 5);
}

#[tokio::test]
async fn a_number_that_would_overflow_is_refused() {
    let (database, _folder) = database().await;
    let id = insert(
        &database,
        Thing {
            count: i64::MAX,
            ..Thing::named("a")
        },
    )
    .await
    .id;
    let result = database
        .write(async |uow| {
            uow.repository::<Thing>()
                .adjust(Filter::eq("id", id), &[("count", 1)], &[])
                .await
        })
        .await;
    let error = result.unwrap_err();
    assert!(error.is_refusal(), "{error}");
    let problem = Problem::from(error);
    assert_eq!(problem.status().as_u16(), 409);
    assert_eq!(
        problem.detail(),
        Some("`count` of `order` would become too large")
    );
}

#[tokio::test]
async fn adjusting_what_is_not_there_finds_nothing() {
    let (database, _folder) = database().await;
    let nobody = Filter::eq("id", Uuid::now_v7());
    let result = database
        .write(async |uow| {
            uow.repository::<Thing>()
                .adjust(nobody, &[("count", 1)], &[])
                .await
        })
        .await;
    assert!(matches!(result, Err(StoreError::NotFound { .. })));
}

#[tokio::test]
async fn what_is_not_found_is_told_by_its_columns_and_never_by_its_values() {
    let (database, _folder) = database().await;
    let secret = Filter::eq("name", "secret")
        .and(Filter::eq("count", 4711))
        .and(Filter::ne("name", "hidden"));
    let result = database
        .write(async |uow| uow.repository::<Thing>().set(secret, &[("count", 1)]).await)
        .await;
    let problem = Problem::from(result.unwrap_err());
    assert_eq!(problem.status().as_u16(), 404);
    assert_eq!(
        problem.detail(),
        Some("there is no such record in `order`, by `name` and `count`")
    );
}

#[tokio::test]
async fn concurrent_adjustments_lose_nothing() {
    let (database, _folder) = database().await;
    let id = insert(
        &database,
        Thing {
            count: 0,
            ..Thing::named("a")
        },
    )
    .await
    .id;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let database = database.clone();
        tasks.spawn(async move {
            database
                .write(async |uow| {
                    uow.repository::<Thing>()
                        .adjust(Filter::eq("id", id), &[("count", 1)], &[])
                        .await
                })
                .await
        });
    }
    assert!(
        tasks
            .join_all()
            .await
            .into_iter()
            .all(|result| result.is_ok())
    );
    assert_eq!(get(&database, id).await.count, 20);
}

#[tokio::test]
async fn an_event_goes_out_only_if_the_change_is_committed() {
    let (database, _folder) = database().await;
    let mut dropped = database.begin().await.unwrap();
    dropped
        .publish(ThingMade {
            thing_id: Uuid::now_v7(),
        })
        .unwrap();
    drop(dropped);
    let id = Uuid::now_v7();
    let mut kept = database.begin().await.unwrap();
    kept.publish(ThingMade { thing_id: id }).unwrap();
    kept.commit().await.unwrap();
    let pending = database
        .read()
        .await
        .unwrap()
        .transaction()
        .outbox_pending(10)
        .await
        .unwrap();
    assert_eq!(pending.len(), 1);
    assert_eq!(
        pending[0].event::<ThingMade>().unwrap(),
        ThingMade { thing_id: id }
    );
    assert_eq!(pending[0].producer, "things");
}

#[tokio::test]
async fn a_reading_unit_of_work_cannot_write() {
    let (database, _folder) = database().await;
    let mut reading = database.read().await.unwrap();
    assert!(
        reading
            .repository::<Thing>()
            .insert(Thing::named("a"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_failed_migration_leaves_nothing_behind() {
    let (database, _folder) = database().await;
    let broken = [Migration::new(
        1,
        "half",
        "CREATE TABLE half (a TEXT); NONSENSE",
    )];
    assert!(database.migrate("custom", &broken).await.is_err());
    let mended = [Migration::new(1, "whole", "CREATE TABLE half (a TEXT)")];
    database.migrate("custom", &mended).await.unwrap();
    database.migrate("custom", &mended).await.unwrap();
}

#[tokio::test]
async fn what_comes_afterwards_happens_with_the_commit_and_only_then() {
    let (database, _folder) = database().await;
    let done = Arc::new(AtomicU32::new(0));
    for commit in [false, true] {
        let mut uow = database.begin().await.unwrap();
        let count = done.clone();
        uow.afterwards(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        assert_eq!(done.load(Ordering::SeqCst), 0);
        if commit {
            uow.commit().await.unwrap();
        } else {
            uow.rollback().await.unwrap();
        }
    }
    assert_eq!(done.load(Ordering::SeqCst), 1);
}
