//! Positions of events, while transactions overlap.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::fixture::*;
use crate::event_store::{ExpectedVersion, NewEvent};
use crate::storage::{Database, UnitOfWork};

async fn append(uow: &mut UnitOfWork, stream: &str, expected: ExpectedVersion) -> i64 {
    let event = NewEvent::new("Happened", 1, &json!({})).unwrap();
    uow.events()
        .append(stream, expected, &[event])
        .await
        .unwrap()
}

async fn seen(database: &Database, after: i64) -> Vec<(i64, String)> {
    let mut reading = database.read().await.unwrap();
    let events = reading.events().read_all(after, 1000).await.unwrap();
    events
        .into_iter()
        .map(|event| (event.position, event.stream))
        .collect()
}

#[tokio::test]
async fn nothing_is_read_behind_an_event_that_may_still_be_committed() {
    let Some(place) = Place::new() else { return };
    let (one, two) = (place.instance().await, place.instance().await);
    one.migrate("service", MIGRATIONS).await.unwrap();
    let mut early = one.begin().await.unwrap();
    append(&mut early, "early", ExpectedVersion::Any).await;
    let mut late = two.begin().await.unwrap();
    append(&mut late, "late", ExpectedVersion::Any).await;
    late.commit().await.unwrap();
    assert_eq!(seen(&two, 0).await, [], "the early one may still come");
    early.commit().await.unwrap();
    let streams: Vec<String> = seen(&two, 0)
        .await
        .into_iter()
        .map(|(_, stream)| stream)
        .collect();
    assert_eq!(streams, ["early", "late"]);
}

#[tokio::test]
async fn an_event_that_was_taken_back_holds_nobody_up() {
    let Some(place) = Place::new() else { return };
    let database = place.instance().await;
    database.migrate("service", MIGRATIONS).await.unwrap();
    let mut early = database.begin().await.unwrap();
    append(&mut early, "early", ExpectedVersion::Any).await;
    let mut late = database.begin().await.unwrap();
    append(&mut late, "late", ExpectedVersion::Any).await;
    late.commit().await.unwrap();
    early.rollback().await.unwrap();
    assert_eq!(seen(&database, 0).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_goes_on_from_the_last_event_misses_none() {
    const WRITERS: usize = 4;
    const EACH: usize = 40;
    let Some(place) = Place::new() else { return };
    let database = place.instance().await;
    database.migrate("service", MIGRATIONS).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let database = database.clone();
        writers.spawn(async move {
            for round in 0..EACH {
                let mut uow = database.begin().await.unwrap();
                append(&mut uow, &format!("stream-{writer}"), ExpectedVersion::Any).await;
                // Some transactions last longer than others.
                if (writer + round) % 3 == 0 {
                    append(&mut uow, &format!("other-{writer}"), ExpectedVersion::Any).await;
                    tokio::task::yield_now().await;
                }
                uow.commit().await.unwrap();
            }
        });
    }
    let done = Arc::new(AtomicBool::new(false));
    let reader = {
        let (place, done) = (place.instance().await, done.clone());
        tokio::spawn(async move {
            let mut read = Vec::new();
            loop {
                let last = done.load(Ordering::SeqCst);
                let after = read.last().map_or(0, |(position, _)| *position);
                let more = seen(&place, after).await;
                if last && more.is_empty() {
                    return read;
                }
                read.extend(more);
            }
        })
    };
    writers.join_all().await;
    done.store(true, Ordering::SeqCst);
    let followed = reader.await.unwrap();
    let all = seen(&database, 0).await;
    assert!(all.len() > WRITERS * EACH);
    assert_eq!(followed, all);
}
