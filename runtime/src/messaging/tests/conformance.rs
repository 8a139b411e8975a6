//! What every broker promises.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::rig::Rig;
use super::{message, on_each_broker, said, text, try_next};
use crate::messaging::MessageError;

on_each_broker! {
    it_answers,
    every_group_gets_every_message_once,
    a_message_published_twice_is_delivered_once,
    a_late_group_begins_with_the_oldest_message,
    messages_of_one_key_wait_for_each_other_and_others_do_not,
    members_in_two_connections_share_the_messages_and_keep_the_order_of_a_key,
    a_delivery_without_an_answer_comes_again,
    a_retried_delivery_comes_again_when_its_time_has_come_and_holds_its_key_until_then,
    a_postponed_delivery_counts_for_nothing,
    a_waiting_member_is_woken_by_a_message,
    a_wait_that_is_broken_off_loses_nothing,
    what_was_not_answered_survives_its_process,
    tries_are_remembered_by_the_broker,
    a_message_that_was_given_up_is_kept_and_can_be_replayed_to_its_group_alone,
    dead_letters_are_listed_from_the_youngest,
    the_lag_is_what_was_not_dealt_with,
    names_that_look_alike_are_two,
    the_order_of_a_key_is_kept_within_and_between_publications,
}

/// Keys that do not share a part where a broker divides its topics.
const KEYS: [&str; 2] = ["o-1", "o-2"];

async fn it_answers(rig: &Rig) {
    rig.bus.ping().await.unwrap();
}

async fn every_group_gets_every_message_once(rig: &Rig) {
    let mut one = rig.bus.subscribe("t", "one").await.unwrap();
    let mut two = rig.bus.subscribe("t", "two").await.unwrap();
    let messages = [message("t", "k", "a"), message("t", "k", "b")];
    rig.bus.publish(&messages).await.unwrap();
    for group in [&mut one, &mut two] {
        assert_eq!([text(group).await, text(group).await], ["a", "b"]);
        assert!(try_next(group).await.is_none());
    }
}

async fn a_message_published_twice_is_delivered_once(rig: &Rig) {
    let mut group = rig.bus.subscribe("t", "g").await.unwrap();
    let twice = message("t", "", "a");
    rig.bus.publish(std::slice::from_ref(&twice)).await.unwrap();
    rig.bus.publish(&[twice]).await.unwrap();
    text(&mut group).await;
    assert!(try_next(&mut group).await.is_none());
}

async fn a_late_group_begins_with_the_oldest_message(rig: &Rig) {
    rig.bus.publish(&[message("t", "", "a")]).await.unwrap();
    let mut late = rig.bus.subscribe("t", "late").await.unwrap();
    assert_eq!(text(&mut late).await, "a");
    let mut again = rig.bus.subscribe("t", "late").await.unwrap();
    assert!(try_next(&mut again).await.is_none());
}

async fn messages_of_one_key_wait_for_each_other_and_others_do_not(rig: &Rig) {
    let mut group = rig.bus.subscribe("t", "g").await.unwrap();
    let [k, l] = KEYS;
    let messages = [
        message("t", k, "k1"),
        message("t", k, "k2"),
        message("t", l, "l1"),
    ];
    rig.bus.publish(&messages).await.unwrap();
    let mut held = BTreeMap::new();
    while let Some(delivery) = try_next(&mut group).await {
        held.insert(said(&delivery), delivery);
    }
    let texts: Vec<_> = held.keys().cloned().collect();
    assert_eq!(texts, ["k1", "l1"]);
    held.remove("k1").unwrap().ack().await.unwrap();
    assert_eq!(text(&mut group).await, "k2");
}

async fn members_in_two_connections_share_the_messages_and_keep_the_order_of_a_key(rig: &Rig) {
    let other = rig.connected_again().await;
    let mut members = [
        rig.bus.subscribe("t", "g").await.unwrap(),
        other.subscribe("t", "g").await.unwrap(),
    ];
    let all: Vec<_> = (0..40)
        .map(|at| message("t", KEYS[at % 2], &at.to_string()))
        .collect();
    rig.bus.publish(&all).await.unwrap();
    let mut seen: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    while seen.values().map(Vec::len).sum::<usize>() < all.len() {
        let [one, two] = &mut members;
        let delivery = tokio::select! {
            delivery = one.next() => delivery.unwrap(),
            delivery = two.next() => delivery.unwrap(),
        };
        let at = said(&delivery).parse().unwrap();
        let key = delivery.envelope.key.clone();
        seen.entry(key).or_default().push(at);
        delivery.ack().await.unwrap();
    }
    for order in seen.values() {
        assert!(order.is_sorted(), "{seen:?}");
    }
}

async fn a_delivery_without_an_answer_comes_again(rig: &Rig) {
    let mut group = rig.bus.subscribe("t", "g").await.unwrap();
    rig.bus.publish(&[message("t", "k", "a")]).await.unwrap();
    drop(group.next().await.unwrap());
    let again = group.next().await.unwrap();
    assert_eq!((said(&again).as_str(), again.attempt), ("a", 1));
}

async fn a_retried_delivery_comes_again_when_its_time_has_come_and_holds_its_key_until_then(
    rig: &Rig,
) {
    let wait = Duration::from_secs(3);
    let mut group = rig.bus.subscribe("t", "g").await.unwrap();
    let messages = [message("t", "k", "a"), message("t", "k", "b")];
    rig.bus.publish(&messages).await.unwrap();
    group.next().await.unwrap().retry(wait).await.unwrap();
    assert!(try_next(&mut group).await.is_none());
    let waiting = tokio::spawn(async move {
        let delivery = group.next().await.unwrap();
        (said(&delivery), delivery.attempt)
    });
    tokio::task::yield_now().await;
    rig.pass(wait).await;
    assert_eq!(waiting.await.unwrap(), ("a".to_owned(), 2));
}

async fn a_postponed_delivery_counts_for_nothing(rig: &Rig) {
    rig.bus.publish(&[message("t", "k", "a")]).await.unwrap();
    let mut group = rig.bus.subscribe("t", "g").await.unwrap();
    let wait = Duration::from_millis(50);
    for _ in 0..6 {
        let delivery = group.next().await.unwrap();
        assert_eq!(delivery.attempt, 1);
        delivery.postpone(wait).await.unwrap();
        rig.pass(wait).await;
    }
    group
        .next()
        .await
        .unwrap()
        .retry(Duration::ZERO)
        .await
        .unwrap();
    let delivery = group.next().await.unwrap();
    assert_eq!(delivery.attempt, 2);
    delivery.postpone(Duration::ZERO).await.unwrap();
    assert_eq!(group.next().await.unwrap().attempt, 2);
}

async fn a_waiting_member_is_woken_by_a_message(rig: &Rig) {
    let mut group = rig.bus.subscribe("t", "g").await.unwrap();
    let waiting = tokio::spawn(async move { text(&mut group).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    rig.bus.publish(&[message("t", "", "a")]).await.unwrap();
    assert_eq!(waiting.await.unwrap(), "a");
}

async fn a_wait_that_is_broken_off_loses_nothing(rig: &Rig) {
    let mut group = rig.bus.subscribe("t", "g").await.unwrap();
    let texts: BTreeSet<String> = (0..30).map(|at| at.to_string()).collect();
    let all: Vec<_> = texts.iter().map(|text| message("t", "", text)).collect();
    rig.bus.publish(&all).await.unwrap();
    let mut seen = BTreeSet::new();
    while seen.len() < texts.len() {
        let patience = Duration::from_micros(300);
        if let Ok(delivery) = tokio::time::timeout(patience, group.next()).await {
            let delivery = delivery.unwrap();
            assert!(seen.insert(said(&delivery)), "it came twice");
            delivery.ack().await.unwrap();
        }
    }
    assert_eq!(seen, texts);
}

async fn what_was_not_answered_survives_its_process(rig: &Rig) {
    let mut group = rig.bus.subscribe("t", "g").await.unwrap();
    let messages = [message("t", "k", "a"), message("t", "k", "b")];
    rig.bus.publish(&messages).await.unwrap();
    text(&mut group).await;
    let unanswered = group.next().await.unwrap();
    drop(group);
    let second = rig.reopened().await;
    assert_eq!(second.lag("t", "g").await.unwrap(), 1);
    drop(unanswered);
    let mut group = second.subscribe("t", "g").await.unwrap();
    assert_eq!(text(&mut group).await, "b");
}

async fn tries_are_remembered_by_the_broker(rig: &Rig) {
    rig.bus.publish(&[message("t", "k", "a")]).await.unwrap();
    let mut group = rig.bus.subscribe("t", "g").await.unwrap();
    for attempt in [1, 2] {
        let delivery = group.next().await.unwrap();
        assert_eq!(delivery.attempt, attempt);
        delivery.retry(Duration::ZERO).await.unwrap();
    }
    drop(group);
    let second = rig.reopened().await;
    let mut group = second.subscribe("t", "g").await.unwrap();
    assert_eq!(group.next().await.unwrap().attempt, 3);
}

async fn a_message_that_was_given_up_is_kept_and_can_be_replayed_to_its_group_alone(rig: &Rig) {
    let mut group = rig.bus.subscribe("t", "g").await.unwrap();
    let mut other = rig.bus.subscribe("t", "other").await.unwrap();
    let messages = [message("t", "k", "bad"), message("t", "k", "good")];
    rig.bus.publish(&messages).await.unwrap();
    let bad = group.next().await.unwrap();
    bad.retry(Duration::ZERO).await.unwrap();
    let bad = group.next().await.unwrap();
    bad.give_up("cannot be read").await.unwrap();
    assert_eq!(text(&mut group).await, "good");
    assert_eq!(
        [text(&mut other).await, text(&mut other).await],
        ["bad", "good"]
    );

    let letter = rig.bus.dead_letters("", 10).await.unwrap().remove(0);
    let facts = (
        letter.reason.as_str(),
        letter.group.as_str(),
        letter.attempts,
    );
    assert_eq!(facts, ("cannot be read", "g", 2));
    assert_eq!(letter.envelope, messages[0]);
    assert_eq!(rig.bus.dead_letter_count("g").await.unwrap(), 1);
    assert_eq!(rig.bus.dead_letter_count("other").await.unwrap(), 0);
    assert_eq!(rig.bus.dead_letters("g", 10).await.unwrap().len(), 1);
    assert!(rig.bus.dead_letters("other", 10).await.unwrap().is_empty());
    let wrong = rig.bus.replay("other", letter.envelope.id).await;
    assert!(matches!(wrong, Err(MessageError::NoDeadLetter(_))));

    for _ in 0..2 {
        rig.bus.replay("g", letter.envelope.id).await.unwrap();
        assert_eq!(rig.bus.dead_letter_count("g").await.unwrap(), 0);
        let again = group.next().await.unwrap();
        assert_eq!((said(&again).as_str(), again.attempt), ("bad", 1));
        again.give_up("still not").await.unwrap();
    }
    assert!(try_next(&mut other).await.is_none());
    rig.bus.replay("g", letter.envelope.id).await.unwrap();
    assert_eq!(text(&mut group).await, "bad");
    assert!(rig.bus.dead_letters("", 10).await.unwrap().is_empty());
    let gone = rig.bus.replay("g", letter.envelope.id).await;
    assert!(matches!(gone, Err(MessageError::NoDeadLetter(_))));
}

async fn dead_letters_are_listed_from_the_youngest(rig: &Rig) {
    let mut group = rig.bus.subscribe("t", "g").await.unwrap();
    assert!(rig.bus.dead_letters("", 9).await.unwrap().is_empty());
    let messages = ["1", "2", "3", "4"].map(|text| message("t", "k", text));
    rig.bus.publish(&messages).await.unwrap();
    for _ in &messages {
        group.next().await.unwrap().give_up("no").await.unwrap();
        rig.pass(Duration::from_millis(2)).await;
    }
    rig.bus.replay("g", messages[2].id).await.unwrap();
    let letters = rig.bus.dead_letters("", 2).await.unwrap();
    let texts: Vec<_> = letters
        .iter()
        .map(|l| l.envelope.payload.as_str().unwrap())
        .collect();
    assert_eq!(texts, ["4", "2"]);
    assert_eq!(rig.bus.dead_letters("", 9).await.unwrap().len(), 3);
}

async fn the_lag_is_what_was_not_dealt_with(rig: &Rig) {
    assert_eq!(rig.bus.lag("t", "g").await.unwrap(), 0);
    let mut group = rig.bus.subscribe("t", "g").await.unwrap();
    let all: Vec<_> = (0..20)
        .map(|at| message("t", &at.to_string(), "x"))
        .collect();
    rig.bus.publish(&all).await.unwrap();
    assert_eq!(rig.bus.lag("t", "g").await.unwrap(), 20);
    text(&mut group).await;
    let _held = group.next().await.unwrap();
    assert_eq!(rig.bus.lag("t", "g").await.unwrap(), 19);
}

async fn names_that_look_alike_are_two(rig: &Rig) {
    let topics = ["a.b", "a_b", "a b", "a.b.*", "ä"];
    for topic in topics {
        rig.bus
            .publish(&[message(topic, "k", topic)])
            .await
            .unwrap();
    }
    for topic in topics {
        let mut group = rig.bus.subscribe(topic, topic).await.unwrap();
        assert_eq!(text(&mut group).await, topic);
        assert!(try_next(&mut group).await.is_none());
    }
}

async fn the_order_of_a_key_is_kept_within_and_between_publications(rig: &Rig) {
    let mut group = rig.bus.subscribe("t", "g").await.unwrap();
    for batch in 0..5 {
        let all: Vec<_> = (0..8)
            .map(|at| message("t", "k", &format!("{batch}{at}")))
            .collect();
        rig.bus.publish(&all).await.unwrap();
    }
    let mut seen = Vec::new();
    for _ in 0..40 {
        seen.push(text(&mut group).await);
    }
    assert!(seen.is_sorted(), "{seen:?}");
}

/// Members in two connections answer as they like; whatever they do, each key comes in order, and everything comes.
async fn random_answers(rig: &Rig, keys: &[String], answers: &[u8]) {
    let other = rig.connected_again().await;
    let mut members = [
        rig.bus.subscribe("t", "g").await.unwrap(),
        other.subscribe("t", "g").await.unwrap(),
    ];
    let numbered = keys.iter().enumerate();
    let all: Vec<_> = numbered
        .map(|(at, key)| message("t", key, &at.to_string()))
        .collect();
    rig.bus.publish(&all).await.unwrap();
    let (mut answers, mut turn) = (answers.iter(), 0);
    let mut seen: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut held = Vec::new();
    let wait = Duration::from_millis(40);
    loop {
        turn += 1;
        match try_next(&mut members[turn % 2]).await {
            Some(delivery) => match answers.next().unwrap_or(&0) {
                1 => delivery.retry(wait).await.unwrap(),
                2 => drop(delivery),
                3 => held.push(delivery),
                4 => delivery.postpone(wait).await.unwrap(),
                _ => {
                    let at = said(&delivery).parse().unwrap();
                    seen.entry(delivery.envelope.key.clone())
                        .or_default()
                        .push(at);
                    delivery.ack().await.unwrap();
                }
            },
            None if !held.is_empty() => held.clear(),
            None if rig.bus.lag("t", "g").await.unwrap() > 0 => rig.pass(wait).await,
            None => break,
        }
    }
    assert_eq!(seen.values().map(Vec::len).sum::<usize>(), keys.len());
    for order in seen.values() {
        assert!(order.is_sorted(), "{seen:?}");
    }
}

fn cases() -> impl Strategy<Value = (Vec<String>, Vec<u8>)> {
    let keys = proptest::collection::vec("[abc]", 1..20);
    (keys, proptest::collection::vec(0_u8..6, 0..60))
}

fn now(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn keys_stay_in_order_whatever_members_answer_on_embedded((keys, answers) in cases()) {
        now(async { random_answers(&Rig::embedded().await, &keys, &answers).await });
    }
}

#[cfg(feature = "nats")]
proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 20, ..ProptestConfig::with_cases(4) })]
    #[test]
    fn keys_stay_in_order_whatever_members_answer_on_nats((keys, answers) in cases()) {
        now(async {
            if let Some(rig) = Rig::nats().await {
                random_answers(&rig, &keys, &answers).await;
                rig.clear().await;
            }
        });
    }
}
