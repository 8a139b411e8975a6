//! Two replicas of a service work on the same records at once.

use tokio::task::JoinSet;
use uuid::Uuid;

use super::fixture::*;
use crate::event_store::{ExpectedVersion, NewEvent};
use crate::problem::{Problem, Result};
use crate::storage::{Database, Filter, Floor, KeyedRequest, StoreError};

async fn two(place: &Place) -> [Database; 2] {
    let one = place.instance().await;
    one.migrate("service", MIGRATIONS).await.unwrap();
    [one, place.instance().await]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_floor_holds_however_many_take_at_once() {
    let Some(place) = Place::new() else { return };
    let replicas = two(&place).await;
    let stock = Thing {
        count: 25,
        ..Thing::named("stock")
    };
    let id = insert(&replicas[0], stock).await.id;
    let mut tasks = JoinSet::new();
    for at in 0..40 {
        let database = replicas[at % 2].clone();
        tasks.spawn(async move {
            database
                .write(async |uow| {
                    let floors = [Floor::at_least("count", 0)];
                    let mut things = uow.repository::<Thing>();
                    things
                        .adjust(Filter::eq("id", id), &[("count", -1)], &floors)
                        .await
                })
                .await
        });
    }
    let results = tasks.join_all().await;
    let refused = |result: &&std::result::Result<_, StoreError>| {
        matches!(result, Err(StoreError::Refused { .. }))
    };
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 25);
    assert_eq!(results.iter().filter(refused).count(), 15);
    assert_eq!(get(&replicas[1], id).await.count, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_by_its_identifier_is_still_true_when_it_is_changed() {
    let Some(place) = Place::new() else { return };
    let replicas = two(&place).await;
    let id = insert(&replicas[0], Thing::named("a")).await.id;
    let mut tasks = JoinSet::new();
    for at in 0..20 {
        let database = replicas[at % 2].clone();
        tasks.spawn(async move {
            database
                .write(async |uow| {
                    let mut things = uow.repository::<Thing>();
                    let mut thing = things.get(id).await?;
                    thing.count += 1;
                    things.update(thing).await
                })
                .await
        });
    }
    for result in tasks.join_all().await {
        result.unwrap();
    }
    assert_eq!(get(&replicas[1], id).await.count, 25);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_both_receive_takes_effect_once() {
    let Some(place) = Place::new() else { return };
    let replicas = two(&place).await;
    let id = insert(&replicas[0], Thing::named("a")).await.id;
    for _ in 0..20 {
        let message = Uuid::now_v7();
        let mut tasks = JoinSet::new();
        for database in replicas.clone() {
            tasks.spawn(async move {
                let mut uow = database.begin().await.unwrap();
                let now = uow.now();
                if uow
                    .transaction()
                    .inbox_claim("c", message, now)
                    .await
                    .unwrap()
                {
                    let mut things = uow.repository::<Thing>();
                    let more = things.adjust(Filter::eq("id", id), &[("count", 1)], &[]);
                    more.await.unwrap();
                    uow.commit().await.unwrap();
                }
            });
        }
        tasks.join_all().await;
    }
    assert_eq!(get(&replicas[0], id).await.count, 25);
}

#[tokio::test]
async fn a_request_that_another_replica_works_on_is_in_flight() {
    let Some(place) = Place::new() else { return };
    let [one, two] = two(&place).await;
    let request = || Some(KeyedRequest::new("make", "k", &1).unwrap());
    let first: Result<i32> = one
        .once(request(), async |_| {
            let second: Result<i32> = two.once(request(), async |_| Ok(2)).await;
            assert_eq!(second.unwrap_err().status().as_u16(), 409);
            Ok::<_, Problem>(1)
        })
        .await;
    assert_eq!(first.unwrap(), 1);
    let again: Result<i32> = two.once(request(), async |_| Ok(3)).await;
    assert_eq!(again.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_writers_at_one_version_of_a_stream_one_succeeds() {
    let Some(place) = Place::new() else { return };
    let replicas = two(&place).await;
    for round in 0..20 {
        let mut tasks = JoinSet::new();
        for database in replicas.clone() {
            tasks.spawn(async move {
                let event = NewEvent::new("Happened", 1, &round).unwrap();
                let expected = ExpectedVersion::Exactly(round);
                database
                    .write(async |uow| uow.events().append("s", expected, &[event]).await)
                    .await
            });
        }
        let mut results = tasks.join_all().await;
        results.sort_by_key(std::result::Result::is_err);
        assert_eq!(*results[0].as_ref().unwrap(), round + 1);
        assert!(matches!(results[1], Err(StoreError::StreamChanged { .. })));
    }
}
