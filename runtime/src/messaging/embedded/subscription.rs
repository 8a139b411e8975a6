//! A member of a group of consumers, and its answers.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{EmbeddedBus, Group};
use crate::messaging::{Answer, BusResult, Delivery, Subscription};

pub(super) struct Member {
    bus: EmbeddedBus,
    place: Arc<Place>,
}

/// Which group of which topic.
struct Place {
    topic: String,
    name: String,
    group: Arc<Group>,
}

impl Member {
    pub(super) fn new(bus: EmbeddedBus, topic: &str, name: &str) -> Self {
        let group = bus.group(topic, name);
        Self {
            bus,
            place: Arc::new(Place {
                topic: topic.to_owned(),
                name: name.to_owned(),
                group,
            }),
        }
    }
}

#[async_trait]
impl Subscription for Member {
    async fn next(&mut self) -> BusResult<Delivery> {
        let place = Arc::clone(&self.place);
        let clock = Arc::clone(&self.bus.0.clock);
        loop {
            // Listening before looking, so that a message which arrives in between is not slept over.
            let mut changed = pin!(place.group.changed.notified());
            changed.as_mut().enable();
            // One moment for both looks, so that no message falls due between them.
            let now = clock.now();
            if let Some(delivery) = self.take(now).await? {
                return Ok(delivery);
            }
            match self
                .bus
                .0
                .log
                .next_due(&place.topic, &place.name, now)
                .await?
            {
                Some(moment) => tokio::select! {
                    () = changed => {}
                    () = clock.sleep_until(moment) => {}
                },
                None => changed.await,
            }
        }
    }

    async fn try_next(&mut self) -> BusResult<Option<Delivery>> {
        self.take(self.bus.0.clock.now()).await
    }
}

impl Member {
    async fn take(&self, now: DateTime<Utc>) -> BusResult<Option<Delivery>> {
        let Place { topic, name, group } = &*self.place;
        let _taking = group.taking.lock().await;
        let limit = group.in_flight().len() + 1;
        let due = self.bus.0.log.due(topic, name, now, limit).await?;
        let mut in_flight = group.in_flight();
        let Some(free) = due
            .into_iter()
            .find(|due| !in_flight.contains(&due.position))
        else {
            return Ok(None);
        };
        in_flight.insert(free.position);
        let attempt = free.attempts.saturating_add(1);
        let (bus, place) = (self.bus.clone(), Arc::clone(&self.place));
        let answer = Pending {
            bus,
            place,
            position: free.position,
            attempt,
        };
        Ok(Some(Delivery::new(
            free.envelope,
            attempt,
            Box::new(answer),
        )))
    }
}

/// A delivery that is not answered yet.
struct Pending {
    bus: EmbeddedBus,
    place: Arc<Place>,
    position: i64,
    attempt: u32,
}

impl Pending {
    async fn delay(&self, after: Duration, attempts: u32) -> BusResult<()> {
        let place = (
            self.place.topic.as_str(),
            self.place.name.as_str(),
            self.position,
        );
        let until = self.bus.0.clock.now() + after;
        self.bus.0.log.delay(place, attempts, until).await?;
        self.settle().await;
        Ok(())
    }

    /// Waits for members that are choosing right now: they may have seen the message before it was answered.
    async fn settle(&self) {
        let _taking = self.place.group.taking.lock().await;
        self.place.group.in_flight().remove(&self.position);
    }
}

#[async_trait]
impl Answer for Pending {
    async fn ack(self: Box<Self>) -> BusResult<()> {
        self.bus
            .0
            .log
            .done(&self.place.topic, &self.place.name, self.position)
            .await?;
        self.settle().await;
        Ok(())
    }

    async fn retry(self: Box<Self>, after: Duration) -> BusResult<()> {
        self.delay(after, self.attempt).await
    }

    async fn postpone(self: Box<Self>, after: Duration) -> BusResult<()> {
        self.delay(after, self.attempt - 1).await
    }

    async fn give_up(self: Box<Self>, reason: &str) -> BusResult<()> {
        let place = (
            self.place.topic.as_str(),
            self.place.name.as_str(),
            self.position,
        );
        self.bus
            .0
            .log
            .bury(place, reason, self.attempt, self.bus.0.clock.now())
            .await?;
        self.settle().await;
        Ok(())
    }
}

impl Drop for Pending {
    /// Answered or not, others may go on: with the next message of the key, or with this one again.
    fn drop(&mut self) {
        self.place.group.in_flight().remove(&self.position);
        self.place.group.changed.notify_waiters();
    }
}
