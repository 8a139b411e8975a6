//! Several replicas publish from one outbox.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::fixture::*;
use crate::messaging::embedded::EmbeddedBus;
use crate::messaging::{Bus, BusResult, DeadLetter, Envelope, OutboxRelay, Subscription};
use crate::shutdown::Shutdown;
use crate::storage::Database;
use crate::worker::Worker;

fn message(key: usize, number: usize) -> Envelope {
    let now = chrono::Utc::now();
    Envelope::new("t", "N", 1, key.to_string(), "things", now, number.into())
}

/// A broker that takes its time, and knows of no message that it has it already.
#[derive(Clone, Default)]
struct Published(Arc<Mutex<Vec<Envelope>>>);

#[async_trait]
impl Bus for Published {
    fn name(&self) -> &'static str {
        "published"
    }

    async fn publish(&self, messages: &[Envelope]) -> BusResult<()> {
        for message in messages {
            tokio::task::yield_now().await;
            self.0.lock().unwrap().push(message.clone());
        }
        Ok(())
    }

    async fn subscribe(&self, _: &str, _: &str) -> BusResult<Box<dyn Subscription>> {
        unreachable!("nobody listens")
    }

    async fn lag(&self, _: &str, _: &str) -> BusResult<u64> {
        Ok(0)
    }

    async fn dead_letters(&self, _: &str, _: u32) -> BusResult<Vec<DeadLetter>> {
        Ok(Vec::new())
    }

    async fn dead_letter_count(&self, _: &str) -> BusResult<u64> {
        Ok(0)
    }

    async fn replay(&self, _: &str, _: Uuid) -> BusResult<()> {
        Ok(())
    }

    async fn ping(&self) -> BusResult<()> {
        Ok(())
    }
}

async fn send(database: &Database, message: Envelope) {
    let mut uow = database.begin().await.unwrap();
    uow.send(message);
    uow.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_relays_keep_the_order_of_each_key_and_publish_each_message_once() {
    const KEYS: usize = 4;
    const EACH: usize = 60;
    let Some(place) = Place::new() else { return };
    let published = Published::default();
    let shutdown = Shutdown::new();
    let mut relays = JoinSet::new();
    let mut writers = JoinSet::new();
    place
        .instance()
        .await
        .migrate("service", MIGRATIONS)
        .await
        .unwrap();
    for replica in 0..2 {
        let database = place.instance().await;
        let relay = OutboxRelay::new(database.clone(), Arc::new(published.clone()));
        let shutdown = shutdown.clone();
        relays.spawn(async move { relay.run(&shutdown).await.unwrap() });
        for key in (0..KEYS).filter(|key| key % 2 == replica) {
            let database = database.clone();
            writers.spawn(async move {
                for number in 0..EACH {
                    send(&database, message(key, number)).await;
                }
            });
        }
    }
    writers.join_all().await;
    shutdown.trigger();
    relays.join_all().await;
    OutboxRelay::new(place.instance().await, Arc::new(published.clone()))
        .drain()
        .await
        .unwrap();
    let mut by_key: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
    for envelope in published.0.lock().unwrap().drain(..) {
        by_key
            .entry(envelope.key)
            .or_default()
            .push(envelope.payload);
    }
    let expected: Vec<serde_json::Value> = (0..EACH).map(Into::into).collect();
    assert_eq!(by_key.len(), KEYS);
    for (key, numbers) in by_key {
        assert_eq!(numbers, expected, "{key}");
    }
}

#[tokio::test]
async fn a_relay_that_is_killed_leaves_the_outbox_to_the_others() {
    let Some(place) = Place::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let bus = EmbeddedBus::open(folder.path().join("broker.db"))
        .await
        .unwrap();
    let (killed, other) = (place.instance().await, place.instance().await);
    killed.migrate("service", MIGRATIONS).await.unwrap();
    send(&killed, message(1, 1)).await;
    let lease = killed.relay().await.unwrap().unwrap();
    let relay = OutboxRelay::new(other, Arc::new(bus.clone()));
    assert_eq!(relay.drain().await.unwrap(), 0, "another one is at it");
    place.disconnect().await;
    let mut published = 0;
    for _ in 0..50 {
        // The first tries may find their own connections ended as well.
        published += relay.drain().await.unwrap_or_default();
    }
    assert_eq!(published, 1);
    drop(lease);
}

#[tokio::test]
async fn a_message_of_an_instance_that_is_gone_is_found_without_being_woken() {
    let Some(place) = Place::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let bus = EmbeddedBus::open(folder.path().join("broker.db"))
        .await
        .unwrap();
    let (gone, other) = (place.instance().await, place.instance().await);
    gone.migrate("service", MIGRATIONS).await.unwrap();
    let shutdown = Shutdown::new();
    let relay = OutboxRelay::new(other, Arc::new(bus.clone()));
    let stop = shutdown.clone();
    let running = tokio::spawn(async move { relay.run(&stop).await.unwrap() });
    send(&gone, message(1, 1)).await;
    let mut subscription = bus.subscribe("t", "g").await.unwrap();
    let delivery = subscription.next().await.unwrap();
    assert_eq!(delivery.envelope.payload, 1);
    delivery.ack().await.unwrap();
    shutdown.trigger();
    running.await.unwrap();
}
