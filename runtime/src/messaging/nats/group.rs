//! A group of consumers as far as it is in this process: all members take from the same parts.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::try_join_all;
use tokio::sync::{Mutex, mpsc};
use tokio::time::Instant;

use super::link::Link;
use super::names::PARTITIONS;
use super::partition::{Now, Partition, State};
use super::streams::Stay;
use crate::messaging::{BusResult, Delivery, MessageError, Subscription};

/// How long a message that the server has may take to be here.
const ARRIVAL: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(10);

/// The parts of a topic, worked on for one group. They are let go with its last member.
pub(super) struct Group {
    link: Arc<Link>,
    topic: String,
    name: String,
    parts: Vec<Arc<State>>,
    /// No more than one message for each part waits here.
    deliveries: Mutex<mpsc::Receiver<Delivery>>,
}

impl Group {
    pub(super) fn begin(link: &Arc<Link>, topic: &str, name: &str, stay: Stay) -> Arc<Self> {
        let (members, deliveries) = mpsc::channel(usize::from(PARTITIONS));
        let parts = (0..PARTITIONS).map(|number| {
            let part = Partition {
                link: link.clone(),
                topic: topic.to_owned(),
                group: name.to_owned(),
                stay,
                number,
                state: State::open(),
                members: members.clone(),
            };
            let state = part.state.clone();
            tokio::spawn(part.run());
            state
        });
        Arc::new(Self {
            parts: parts.collect(),
            link: link.clone(),
            topic: topic.to_owned(),
            name: name.to_owned(),
            deliveries: Mutex::new(deliveries),
        })
    }

    /// Whether a message is on its way here.
    async fn expects_one(&self) -> BusResult<bool> {
        let parts = (0..PARTITIONS).zip(&self.parts);
        let asked = parts.map(async |(number, state)| {
            let free = match state.get() {
                Now::Held => false,
                Now::Until(moment) => moment <= Instant::now(),
                Now::Open => true,
            };
            if !free {
                return Ok(false);
            }
            let progress = self.link.progress(&self.topic, &self.name, number).await?;
            BusResult::Ok(progress.pending + progress.open > 0)
        });
        Ok(try_join_all(asked).await?.contains(&true))
    }
}

/// One member of a group.
pub(super) struct Member(pub(super) Arc<Group>);

#[async_trait]
impl Subscription for Member {
    async fn next(&mut self) -> BusResult<Delivery> {
        let next = self.0.deliveries.lock().await.recv().await;
        next.ok_or_else(|| MessageError::broker("deliver", "nobody takes messages from it"))
    }

    async fn try_next(&mut self) -> BusResult<Option<Delivery>> {
        let latest = Instant::now() + ARRIVAL;
        loop {
            if let Ok(delivery) = self.0.deliveries.lock().await.try_recv() {
                return Ok(Some(delivery));
            }
            if Instant::now() >= latest || !self.0.expects_one().await? {
                // One may have come while the server was asked.
                return Ok(self.0.deliveries.lock().await.try_recv().ok());
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}
