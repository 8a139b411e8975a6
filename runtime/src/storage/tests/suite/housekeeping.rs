//! What is old is forgotten, and nothing else.

use chrono::Duration;

use super::fixture::*;
use crate::problem::Problem;
use crate::storage::{Clock, Housekeeping, KeyedRequest, ManualClock, Retention};

#[tokio::test]
async fn an_answer_is_kept_for_a_day_and_a_received_message_for_a_month() {
    let clock = ManualClock::at("2026-11-22T12:00:00Z".parse().unwrap());
    let (database, _place) = on_clock(MIGRATIONS, clock.clone()).await;
    let request = KeyedRequest::new("count", "k", &1).unwrap();
    let answer = async |value: i32| {
        database
            .once(Some(request.clone()), async |_| Ok::<_, Problem>(value))
            .await
            .unwrap()
    };
    let message = uuid::Uuid::now_v7();
    let claim = async || {
        let mut uow = database.begin().await.unwrap();
        let now = uow.now();
        let first = uow
            .transaction()
            .inbox_claim("c", message, now)
            .await
            .unwrap();
        uow.commit().await.unwrap();
        first
    };
    let house = Housekeeping::new(database.clone(), Retention::default());

    assert_eq!((answer(1).await, claim().await), (1, true));
    clock.advance_to(clock.now() + Duration::hours(23));
    assert_eq!(
        (house.clean().await.unwrap(), answer(2).await, claim().await),
        (0, 1, false)
    );
    clock.advance_to(clock.now() + Duration::hours(2));
    assert_eq!(
        answer(3).await,
        3,
        "an answer whose day is over makes room, cleaned or not"
    );
    clock.advance_to(clock.now() + Duration::days(31));
    assert_eq!((house.clean().await.unwrap(), claim().await), (2, true));
}
