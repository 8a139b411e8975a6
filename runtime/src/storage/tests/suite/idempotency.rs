//! One key, one effect, one answer.

use super::fixture::*;
use crate::context::{RequestContext, Subject};
use crate::problem::{Problem, Result};
use crate::storage::{Database, KeyedRequest};

async fn make(database: &Database, key: &str, name: &str) -> Result<Thing> {
    let request = KeyedRequest::new("make", key, &name)?;
    database
        .once(Some(request), async |uow| {
            Ok(uow.repository::<Thing>().insert(Thing::named(name)).await?)
        })
        .await
}

#[tokio::test]
async fn the_same_request_takes_effect_once_and_is_answered_alike() {
    let (database, _folder) = database().await;
    let first = make(&database, "k", "a").await.unwrap();
    assert_eq!(make(&database, "k", "a").await.unwrap(), first);
}

#[tokio::test]
async fn another_request_under_the_same_key_is_unprocessable() {
    let (database, _folder) = database().await;
    make(&database, "k", "a").await.unwrap();
    assert_eq!(
        make(&database, "k", "b")
            .await
            .unwrap_err()
            .status()
            .as_u16(),
        422
    );
}

#[tokio::test]
async fn a_request_in_flight_is_a_conflict() {
    let (database, _folder) = database().await;
    let request = KeyedRequest::new("make", "k", &1).unwrap();
    let inner = database.clone();
    let result: Result<i32> = database
        .once(Some(request.clone()), async |_| {
            let second: Result<i32> = inner.once(Some(request), async |_| Ok(2)).await;
            assert_eq!(second.unwrap_err().status().as_u16(), 409);
            Ok(1)
        })
        .await;
    assert_eq!(result.unwrap(), 1);
}

#[tokio::test]
async fn a_failed_request_leaves_the_key_free() {
    let (database, _folder) = database().await;
    let request = KeyedRequest::new("make", "k", &1).unwrap();
    let failed: Result<i32> = database
        .once(Some(request.clone()), async |_| {
            Err(Problem::conflict("no"))
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(
        database
            .once(Some(request), async |_| Ok::<_, Problem>(2))
            .await
            .unwrap(),
        2
    );
}

#[tokio::test]
async fn keys_of_two_subjects_do_not_meet() {
    let (database, _folder) = database().await;
    let run = async |subject: &str, name: &str| {
        let context = RequestContext::root().with_subject(Subject::new(subject, []), None);
        context.scope(make(&database, "k", name)).await
    };
    assert_eq!(run("alice", "a").await.unwrap().name, "a");
    assert_eq!(run("bob", "b").await.unwrap().name, "b");
}

#[tokio::test]
async fn work_can_run_on_any_thread() {
    let (database, _folder) = database().await;
    let task = tokio::spawn(async move { make(&database, "k", "a").await.map(|thing| thing.name) });
    assert_eq!(task.await.unwrap().unwrap(), "a");
}
