//! The embedded broker by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::messaging::{Bus, Delivery, MessageError, Subscription};

async fn text(subscription: &mut Box<dyn Subscription>) -> String {
    let delivery = subscription.next().await.unwrap();
    let text = delivery.envelope.payload.as_str().unwrap().to_owned();
    delivery.ack().await.unwrap();
    text
}

async fn try_next(subscription: &mut Box<dyn Subscription>) -> Option<Delivery> {
    subscription.try_next().await.unwrap()
}

#[tokio::test]
async fn every_group_gets_every_message_once() {
    let (bus, _, _folder) = bus().await;
    let (mut one, mut two) = (
        bus.subscribe("t", "one").await.unwrap(),
        bus.subscribe("t", "two").await.unwrap(),
    );
    bus.publish(&[message("t", "", "a"), message("t", "", "b")])
        .await
        .unwrap();
    for subscription in [&mut one, &mut two] {
        assert_eq!(
            [text(subscription).await, text(subscription).await],
            ["a", "b"]
        );
        assert!(try_next(subscription).await.is_none());
    }
}

#[tokio::test]
async fn a_message_published_twice_is_delivered_once() {
    let (bus, _, _folder) = bus().await;
    let mut group = bus.subscribe("t", "g").await.unwrap();
    let twice = message("t", "", "a");
    bus.publish(std::slice::from_ref(&twice)).await.unwrap();
    bus.publish(&[twice]).await.unwrap();
    text(&mut group).await;
    assert!(try_next(&mut group).await.is_none());
}

#[tokio::test]
async fn a_late_group_begins_with_the_oldest_message() {
    let (bus, _, _folder) = bus().await;
    bus.publish(&[message("t", "", "a")]).await.unwrap();
    let mut late = bus.subscribe("t", "late").await.unwrap();
    assert_eq!(text(&mut late).await, "a");
    let mut again = bus.subscribe("t", "late").await.unwrap();
    assert!(try_next(&mut again).await.is_none());
}

#[tokio::test]
async fn messages_of_one_key_wait_for_each_other_and_others_do_not() {
    let (bus, _, _folder) = bus().await;
    let mut group = bus.subscribe("t", "g").await.unwrap();
    bus.publish(&[
        message("t", "k", "k1"),
        message("t", "k", "k2"),
        message("t", "l", "l1"),
    ])
    .await
    .unwrap();
    let first = try_next(&mut group).await.unwrap();
    let other = try_next(&mut group).await.unwrap();
    assert_eq!(
        (
            first.envelope.payload.as_str(),
            other.envelope.payload.as_str()
        ),
        (Some("k1"), Some("l1"))
    );
    assert!(try_next(&mut group).await.is_none());
    first.ack().await.unwrap();
    assert_eq!(text(&mut group).await, "k2");
}

#[tokio::test]
async fn a_delivery_without_an_answer_comes_again() {
    let (bus, _, _folder) = bus().await;
    let mut group = bus.subscribe("t", "g").await.unwrap();
    bus.publish(&[message("t", "k", "a")]).await.unwrap();
    drop(try_next(&mut group).await.unwrap());
    assert_eq!(text(&mut group).await, "a");
}

#[tokio::test]
async fn a_retried_delivery_comes_again_when_its_time_has_come() {
    let (bus, clock, _folder) = bus().await;
    let mut group = bus.subscribe("t", "g").await.unwrap();
    bus.publish(&[message("t", "k", "a")]).await.unwrap();
    try_next(&mut group)
        .await
        .unwrap()
        .retry(Duration::from_secs(5))
        .await
        .unwrap();
    assert!(try_next(&mut group).await.is_none());
    let waiting = tokio::spawn(async move { group.next().await.unwrap().attempt });
    tokio::task::yield_now().await;
    clock.advance_to(noon() + Duration::from_secs(5));
    assert_eq!(waiting.await.unwrap(), 2);
}

#[tokio::test]
async fn a_waiting_member_is_woken_by_a_message() {
    let (bus, _, _folder) = bus().await;
    let mut group = bus.subscribe("t", "g").await.unwrap();
    let waiting = tokio::spawn(async move { text(&mut group).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    bus.publish(&[message("t", "", "a")]).await.unwrap();
    assert_eq!(
        tokio::time::timeout(Duration::from_secs(5), waiting)
            .await
            .unwrap()
            .unwrap(),
        "a"
    );
}

#[tokio::test]
async fn what_was_not_answered_survives_a_restart() {
    let (first, clock, folder) = bus().await;
    let mut group = first.subscribe("t", "g").await.unwrap();
    first
        .publish(&[message("t", "", "a"), message("t", "", "b")])
        .await
        .unwrap();
    text(&mut group).await;
    let _unanswered = try_next(&mut group).await.unwrap();
    let second = EmbeddedBus::open_with(folder.path().join("broker.db"), Arc::new(clock))
        .await
        .unwrap();
    assert_eq!(second.lag("t", "g").await.unwrap(), 1);
    assert_eq!(
        text(&mut second.subscribe("t", "g").await.unwrap()).await,
        "b"
    );
}

#[tokio::test]
async fn a_message_that_was_given_up_is_kept_and_can_be_replayed() {
    let (bus, _, _folder) = bus().await;
    let mut group = bus.subscribe("t", "g").await.unwrap();
    bus.publish(&[message("t", "k", "bad"), message("t", "k", "good")])
        .await
        .unwrap();
    try_next(&mut group)
        .await
        .unwrap()
        .give_up("cannot be read")
        .await
        .unwrap();
    assert_eq!(text(&mut group).await, "good");
    let letters = bus.dead_letters(10).await.unwrap();
    assert_eq!(
        (
            letters.len(),
            letters[0].reason.as_str(),
            letters[0].group.as_str()
        ),
        (1, "cannot be read", "g")
    );
    bus.replay("g", letters[0].envelope.id).await.unwrap();
    assert_eq!(text(&mut group).await, "bad");
    assert!(bus.dead_letters(10).await.unwrap().is_empty());
    assert!(matches!(
        bus.replay("g", letters[0].envelope.id).await,
        Err(MessageError::NoDeadLetter(_))
    ));
}

#[tokio::test]
async fn only_what_nobody_waits_for_is_forgotten() {
    let (bus, clock, _folder) = bus().await;
    let mut group = bus.subscribe("t", "g").await.unwrap();
    bus.publish(&[message("t", "", "a"), message("t", "", "b")])
        .await
        .unwrap();
    text(&mut group).await;
    clock.advance_to(noon() + Duration::from_secs(60));
    assert_eq!(bus.trim(clock.now()).await.unwrap(), 1);
    assert_eq!(text(&mut group).await, "b");
}

use crate::storage::Clock as _;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn keys_stay_in_order_and_nothing_is_lost_whatever_members_answer(
        keys in proptest::collection::vec("[abc]", 1..20),
        answers in proptest::collection::vec(0_u8..4, 0..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (bus, clock, _folder) = bus().await;
            let mut members = [bus.subscribe("t", "g").await.unwrap(), bus.subscribe("t", "g").await.unwrap()];
            let all: Vec<_> = keys.iter().enumerate().map(|(at, key)| message("t", key, &at.to_string())).collect();
            bus.publish(&all).await.unwrap();
            let mut answers = answers.into_iter();
            let mut seen: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            let mut held = Vec::new();
            loop {
                let member = &mut members[held.len() % 2];
                match try_next(member).await {
                    Some(delivery) => match answers.next().unwrap_or(0) {
                        1 => delivery.retry(Duration::from_secs(1)).await.unwrap(),
                        2 => drop(delivery),
                        3 => held.push(delivery),
                        _ => {
                            let at = delivery.envelope.payload.as_str().unwrap().parse().unwrap();
                            seen.entry(delivery.envelope.key.clone()).or_default().push(at);
                            delivery.ack().await.unwrap();
                        }
                    },
                    None if !held.is_empty() => held.clear(),
                    None if bus.lag("t", "g").await.unwrap() > 0 => clock.advance_to(clock.now() + Duration::from_secs(2)),
                    None => break,
                }
            }
            prop_assert_eq!(seen.values().map(Vec::len).sum::<usize>(), keys.len());
            for order in seen.values() {
                prop_assert!(order.is_sorted());
            }
            Ok(())
        })?;
    }
}
