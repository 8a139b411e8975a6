//! Outbox, inbox and the answers under idempotency keys.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use uuid::Uuid;

use super::fixture::*;
use crate::messaging::Envelope;
use crate::storage::{Database, Filter, KeyRecord, KeyScope};

fn moment() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn message(key: &str) -> Envelope {
    // What JSON keeps and a parsed document might not: the spelling of numbers, and a character that text cannot hold.
    let payload = json!({ "b": 1.0, "a": 1e17, "nothing": "\u{0}" });
    Envelope::new("t", "N", 1, key.to_owned(), "things", moment(), payload)
}

async fn pending(database: &Database, limit: u32) -> Vec<Envelope> {
    let mut reading = database.read().await.unwrap();
    reading.transaction().outbox_pending(limit).await.unwrap()
}

#[tokio::test]
async fn messages_wait_in_the_order_of_their_commits_until_they_are_sent() {
    let (database, _place) = database().await;
    let messages = ["a", "b", "c"].map(message);
    for part in [&messages[..2], &messages[2..]] {
        let mut uow = database.begin().await.unwrap();
        part.iter().cloned().for_each(|message| uow.send(message));
        uow.commit().await.unwrap();
    }
    assert_eq!(pending(&database, 2).await, messages[..2]);
    let mut uow = database.begin().await.unwrap();
    let sent = [messages[1].id, messages[0].id];
    uow.transaction().outbox_sent(&sent).await.unwrap();
    assert_eq!(uow.transaction().outbox_size().await.unwrap(), 1);
    uow.commit().await.unwrap();
    assert_eq!(pending(&database, 9).await, messages[2..]);
}

#[tokio::test]
async fn a_message_is_new_to_each_consumer_once() {
    let (database, _place) = database().await;
    let mut uow = database.begin().await.unwrap();
    let inbox = uow.transaction();
    let message = Uuid::now_v7();
    let mut claims = Vec::new();
    for consumer in ["x", "x", "y"] {
        claims.push(
            inbox
                .inbox_claim(consumer, message, moment())
                .await
                .unwrap(),
        );
    }
    assert_eq!(claims, [true, false, true]);
}

#[tokio::test]
async fn a_claim_that_was_not_committed_is_free_again() {
    let (database, _place) = database().await;
    let message = Uuid::now_v7();
    for _ in 0..2 {
        let mut uow = database.begin().await.unwrap();
        let claimed = uow.transaction().inbox_claim("x", message, moment()).await;
        assert!(claimed.unwrap());
        uow.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_is_found_under_its_whole_scope_until_its_time_is_over() {
    let (database, _place) = database().await;
    let scope = |subject: &str| KeyScope {
        subject: subject.to_owned(),
        operation: "o".to_owned(),
        key: "k".to_owned(),
    };
    let record = KeyRecord {
        request_hash: "h".to_owned(),
        response: json!({ "z": [1, null], "a": "\u{0}" }),
        expires_at: moment() + Duration::hours(1),
    };
    let mut uow = database.begin().await.unwrap();
    let keys = uow.transaction();
    assert!(keys.key_insert(&scope("alice"), &record).await.unwrap());
    assert!(!keys.key_insert(&scope("alice"), &record).await.unwrap());
    let found = keys.key_find(&scope("alice"), moment()).await.unwrap();
    assert_eq!(found, Some(record.clone()));
    assert_eq!(keys.key_find(&scope("bob"), moment()).await.unwrap(), None);
    let later = record.expires_at;
    assert_eq!(keys.key_find(&scope("alice"), later).await.unwrap(), None);
    assert_eq!(keys.key_purge(later).await.unwrap(), 1);
}

#[tokio::test]
async fn a_record_that_is_refused_does_not_end_the_unit_of_work() {
    let (database, _place) = database().await;
    let mut uow = database.begin().await.unwrap();
    let mut things = uow.repository::<Thing>();
    things.insert(Thing::named("a")).await.unwrap();
    assert!(things.insert(Thing::named("a")).await.is_err());
    things.insert(Thing::named("b")).await.unwrap();
    uow.commit().await.unwrap();
    let mut reading = database.read().await.unwrap();
    let mut things = reading.repository::<Thing>();
    assert_eq!(things.count(&Filter::All).await.unwrap(), 2);
}
