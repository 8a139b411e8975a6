//! Relay and consumers: from one service's change to another's, once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use tempfile::TempDir;

use super::rig::Rig;
use super::{noon, on_each_broker};
use crate::context::RequestContext;
use crate::messaging::embedded::EmbeddedBus;
use crate::messaging::{
    Bus, Consumer, ConsumerWorker, DeliveryPolicy, Envelope, Event, OutboxRelay, idempotency_key,
};
use crate::problem::{Problem, Result};
use crate::shutdown::Shutdown;
use crate::storage::Database;
use crate::storage::UnitOfWork;
use crate::storage::sqlite::SqliteStore;
use crate::storage::testing::{Thing, ThingMade, database};
use crate::telemetry::Metrics;
use crate::worker::Worker;

on_each_broker! {
    an_event_reaches_its_consumer_with_trace_and_cause,
    a_message_that_comes_twice_takes_effect_once,
    what_is_sent_again_under_another_id_is_known_by_its_key,
    a_failure_undoes_everything_and_the_next_try_does_it_once,
    what_fails_too_often_becomes_a_dead_letter_with_its_reason,
    what_only_waits_for_the_end_of_an_outage_is_tried_without_end_and_told_meanwhile,
    a_panic_counts_as_a_failure,
    a_payload_that_does_not_fit_is_given_up_at_once,
}

/// Makes a thing of each event, after failing a number of times.
struct MakeAnother {
    failures: AtomicU32,
    how: How,
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    Broken,
    Outage,
    Panic,
}

#[async_trait]
impl Consumer for MakeAnother {
    type Event = ThingMade;
    const NAME: &'static str = "tests.make-another";

    async fn handle(&self, uow: &mut UnitOfWork, event: ThingMade) -> Result<()> {
        uow.repository::<Thing>()
            .insert(Thing {
                id: event.thing_id,
                ..Thing::named("made")
            })
            .await?;
        if self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok()
        {
            return match self.how {
                How::Broken => Err(Problem::internal("it is broken")),
                How::Outage => Err(Problem::unavailable("not now", None)),
                How::Panic => panic!("as the test asked for"),
            };
        }
        Ok(())
    }
}

fn failing(times: u32) -> MakeAnother {
    MakeAnother {
        failures: AtomicU32::new(times),
        how: How::Broken,
    }
}

fn quick() -> DeliveryPolicy {
    DeliveryPolicy {
        max_attempts: 3,
        base_delay: Duration::ZERO,
        ..DeliveryPolicy::default()
    }
}

/// An event as the broker takes it.
fn made() -> Envelope {
    let event = ThingMade {
        thing_id: Uuid::now_v7(),
    };
    Envelope::of(&event, "sender", noon()).unwrap()
}

async fn things(database: &Database) -> u64 {
    database
        .read()
        .await
        .unwrap()
        .repository::<Thing>()
        .count(&crate::storage::Filter::All)
        .await
        .unwrap()
}

async fn sender(folder: &TempDir) -> Database {
    Database::new(
        "sender",
        SqliteStore::open(folder.path().join("sender.db"))
            .await
            .unwrap(),
    )
}

async fn an_event_reaches_its_consumer_with_trace_and_cause(rig: &Rig) {
    let bus = rig.bus.clone();
    let folder = tempfile::tempdir().unwrap();
    let (sender, (receiver, _files)) = (sender(&folder).await, database().await);
    let context = RequestContext::root();
    let made = ThingMade {
        thing_id: Uuid::now_v7(),
    };
    context
        .clone()
        .scope(async {
            let mut uow = sender.begin().await.unwrap();
            uow.publish(made.clone()).unwrap();
            uow.commit().await.unwrap();
        })
        .await;

    struct Pass;
    #[async_trait]
    impl Consumer for Pass {
        type Event = ThingMade;
        const NAME: &'static str = "tests.pass";
        async fn handle(&self, uow: &mut UnitOfWork, event: ThingMade) -> Result<()> {
            Ok(uow.publish(event)?)
        }
    }
    assert_eq!(
        OutboxRelay::new(sender.clone(), bus.clone())
            .drain()
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        OutboxRelay::new(sender, bus.clone()).drain().await.unwrap(),
        0
    );
    assert_eq!(
        ConsumerWorker::new(Pass, receiver.clone(), bus)
            .drain()
            .await
            .unwrap(),
        1
    );
    let passed = receiver
        .read()
        .await
        .unwrap()
        .transaction()
        .outbox_pending(10)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(passed.event::<ThingMade>().unwrap(), made);
    assert_eq!(passed.correlation_id, context.correlation_id.to_string());
    assert!(
        passed
            .traceparent
            .unwrap()
            .contains(&context.trace.trace_id().to_string())
    );
    assert!(passed.causation_id.is_some());
}

async fn a_message_that_comes_twice_takes_effect_once(rig: &Rig) {
    let bus = rig.bus.clone();
    let (receiver, _files) = database().await;
    let copy = Rig::embedded().await;
    let message = made();
    for bus in [bus, copy.bus] {
        bus.publish(std::slice::from_ref(&message)).await.unwrap();
        let worker = ConsumerWorker::new(failing(0), receiver.clone(), bus);
        assert_eq!(worker.drain().await.unwrap(), 1);
    }
    assert_eq!(things(&receiver).await, 1);
}

async fn what_is_sent_again_under_another_id_is_known_by_its_key(rig: &Rig) {
    struct ByThing;
    #[async_trait]
    impl Consumer for ByThing {
        type Event = ThingMade;
        const NAME: &'static str = "tests.by-thing";
        fn idempotency_key(&self, event: &ThingMade) -> Option<String> {
            idempotency_key(&event.thing_id)
        }
        async fn handle(&self, uow: &mut UnitOfWork, _event: ThingMade) -> Result<()> {
            let thing = Thing::named(&Uuid::now_v7().to_string());
            uow.repository::<Thing>().insert(thing).await?;
            Ok(())
        }
    }
    let bus = rig.bus.clone();
    let (receiver, _files) = database().await;
    let thing_id = Uuid::now_v7();
    for thing_id in [thing_id, thing_id, Uuid::now_v7()] {
        let message = Envelope::of(&ThingMade { thing_id }, "sender", noon()).unwrap();
        bus.publish(&[message]).await.unwrap();
    }
    let worker = ConsumerWorker::new(ByThing, receiver.clone(), bus);
    assert_eq!(worker.drain().await.unwrap(), 3);
    assert_eq!(things(&receiver).await, 2);
}

#[test]
fn an_empty_field_is_no_key() {
    assert_eq!(idempotency_key(&None::<String>), None);
    assert_eq!(idempotency_key(&7), Some("7".to_owned()));
}

async fn a_failure_undoes_everything_and_the_next_try_does_it_once(rig: &Rig) {
    let bus = rig.bus.clone();
    let (receiver, _files) = database().await;
    bus.publish(&[made()]).await.unwrap();
    let worker = ConsumerWorker::new(failing(2), receiver.clone(), bus.clone()).policy(quick());
    assert_eq!(worker.drain().await.unwrap(), 3);
    assert_eq!(
        (
            things(&receiver).await,
            bus.dead_letters("", 9).await.unwrap().len()
        ),
        (1, 0)
    );
}

async fn what_fails_too_often_becomes_a_dead_letter_with_its_reason(rig: &Rig) {
    let bus = rig.bus.clone();
    let (receiver, _files) = database().await;
    bus.publish(&[made()]).await.unwrap();
    let worker = ConsumerWorker::new(failing(9), receiver.clone(), bus.clone()).policy(quick());
    assert_eq!(worker.drain().await.unwrap(), 3);
    let letter = bus.dead_letters("", 9).await.unwrap().remove(0);
    assert!(letter.reason.contains("it is broken"), "{}", letter.reason);
    assert_eq!((letter.attempts, things(&receiver).await), (3, 0));
}

async fn what_only_waits_for_the_end_of_an_outage_is_tried_without_end_and_told_meanwhile(
    rig: &Rig,
) {
    let bus = rig.bus.clone();
    let (receiver, _files) = database().await;
    bus.publish(&[made()]).await.unwrap();
    let metrics = Metrics::new("tests");
    let consumer = MakeAnother {
        failures: AtomicU32::new(40),
        how: How::Outage,
    };
    let slow = DeliveryPolicy {
        base_delay: Duration::from_secs(1),
        max_delay: Duration::from_secs(4),
        ..quick()
    };
    let worker = ConsumerWorker::new(consumer, receiver.clone(), bus.clone())
        .metrics(&metrics)
        .policy(slow);
    assert_eq!(
        worker.drain().await.unwrap(),
        1,
        "it comes later, not at once"
    );
    let cause = worker.waits_for().unwrap();
    assert!(cause.contains("not now"), "{cause}");
    let shown = |number: u8| format!(r#"consumer="tests.make-another"}} {number}"#);
    assert!(metrics.render().contains(&shown(1)), "{}", metrics.render());

    let worker = worker.policy(quick());
    rig.pass(Duration::from_secs(1)).await;
    while things(&receiver).await == 0 {
        rig.pass(Duration::from_millis(10)).await;
        worker.drain().await.unwrap();
    }
    assert_eq!(things(&receiver).await, 1);
    assert_eq!(worker.waits_for(), None);
    assert!(bus.dead_letters("", 9).await.unwrap().is_empty());
}

async fn a_panic_counts_as_a_failure(rig: &Rig) {
    let bus = rig.bus.clone();
    let (receiver, _files) = database().await;
    bus.publish(&[made()]).await.unwrap();
    let consumer = MakeAnother {
        failures: AtomicU32::new(1),
        how: How::Panic,
    };
    let worker = ConsumerWorker::new(consumer, receiver.clone(), bus).policy(quick());
    assert_eq!(worker.drain().await.unwrap(), 2);
    assert_eq!(things(&receiver).await, 1);
}

async fn a_payload_that_does_not_fit_is_given_up_at_once(rig: &Rig) {
    let bus = rig.bus.clone();
    let (receiver, _files) = database().await;
    let event = |version| {
        Envelope::new(
            ThingMade::TOPIC,
            "ThingMade",
            version,
            String::new(),
            "s",
            noon(),
            "odd".into(),
        )
    };
    bus.publish(&[event(1), event(2)]).await.unwrap();
    let worker = ConsumerWorker::new(failing(0), receiver, bus.clone());
    assert_eq!(worker.drain().await.unwrap(), 2);
    let letters = bus.dead_letters("", 9).await.unwrap();
    assert_eq!(
        letters
            .iter()
            .map(|letter| letter.envelope.version)
            .collect::<Vec<_>>(),
        [1],
        "version 2 is another's"
    );
}

#[tokio::test]
async fn running_workers_wake_each_other_and_stop_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let bus: Arc<dyn Bus> = Arc::new(
        EmbeddedBus::open(folder.path().join("broker.db"))
            .await
            .unwrap(),
    );
    let (sender, (receiver, _files)) = (sender(&folder).await, database().await);
    let shutdown = Shutdown::new();
    let workers: [Arc<dyn Worker>; 2] = [
        Arc::new(OutboxRelay::new(sender.clone(), bus.clone())),
        Arc::new(ConsumerWorker::new(
            failing(0),
            receiver.clone(),
            bus.clone(),
        )),
    ];
    let tasks = workers.map(|worker| {
        let shutdown = shutdown.clone();
        tokio::spawn(async move { worker.run(&shutdown).await.unwrap() })
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let began = std::time::Instant::now();
    let mut uow = sender.begin().await.unwrap();
    uow.publish(ThingMade {
        thing_id: Uuid::now_v7(),
    })
    .unwrap();
    uow.commit().await.unwrap();
    while things(&receiver).await == 0 {
        assert!(began.elapsed() < Duration::from_secs(5), "nobody woke up");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    shutdown.trigger();
    for task in tasks {
        tokio::time::timeout(Duration::from_secs(5), task)
            .await
            .unwrap()
            .unwrap();
    }
}
