//! What a message broker has to offer.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Envelope, MessageError};

/// What a broker gives back.
pub type BusResult<T> = Result<T, MessageError>;

/// A message broker: topics that are kept, and groups of consumers that each get every message at least once.
#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// What kind of broker it is, for logs and health checks.
    fn name(&self) -> &'static str;
    /// Publishes messages in order. One that is known by its identifier already is not published again.
    async fn publish(&self, messages: &[Envelope]) -> BusResult<()>;
    /// Takes part in a group of consumers of a topic. A new group begins with the oldest message that is kept, so that nothing is
    /// lost when a producer starts before its consumer. Members of one group share the messages.
    async fn subscribe(&self, topic: &str, group: &str) -> BusResult<Box<dyn Subscription>>;
    /// Receives for one instance alone what comes from now on, for as long as the instance is there: a broker that is shared forgets such a group
    /// soon after nobody receives in it any more, and need not keep what it gave up. Where it forgot too early, everything that is kept comes, so that
    /// nothing is missed.
    async fn follow(&self, topic: &str, group: &str) -> BusResult<Box<dyn Subscription>> {
        self.subscribe(topic, group).await
    }
    /// How many messages a group has not dealt with.
    async fn lag(&self, topic: &str, group: &str) -> BusResult<u64>;
    /// The messages that were given up by groups whose names begin so, the youngest first.
    async fn dead_letters(&self, groups: &str, limit: u32) -> BusResult<Vec<DeadLetter>>;
    /// How many messages a group has given up.
    async fn dead_letter_count(&self, group: &str) -> BusResult<u64>;
    /// Delivers a message that was given up once more, to the group that gave it up.
    async fn replay(&self, group: &str, message: Uuid) -> BusResult<()>;
    /// Whether the broker answers.
    async fn ping(&self) -> BusResult<()>;
}

/// A member of a group of consumers.
#[async_trait]
pub trait Subscription: Send {
    /// The next message. Messages of one key come in order: the next one only when the one before is dealt with.
    /// May be dropped while it waits without losing anything.
    async fn next(&mut self) -> BusResult<Delivery>;
    /// The next message, if there is one now.
    async fn try_next(&mut self) -> BusResult<Option<Delivery>>;
}

/// A message that was delivered and must be answered. Dropped without an answer, it is delivered again.
pub struct Delivery {
    /// The message.
    pub envelope: Envelope,
    /// Which delivery of this message it is, from 1.
    pub attempt: u32,
    answer: Box<dyn Answer>,
}

impl Delivery {
    /// A delivery whose answer goes to the broker by this way.
    #[must_use]
    pub fn new(envelope: Envelope, attempt: u32, answer: Box<dyn Answer>) -> Self {
        Self {
            envelope,
            attempt,
            answer,
        }
    }

    /// The message is dealt with.
    ///
    /// # Errors
    /// When the broker fails; the message is then delivered again.
    pub async fn ack(self) -> BusResult<()> {
        self.answer.ack().await
    }

    /// The message shall be delivered again, after a while.
    ///
    /// # Errors
    /// When the broker fails; the message is delivered again all the same.
    pub async fn retry(self, after: Duration) -> BusResult<()> {
        self.answer.retry(after).await
    }

    /// The message shall be delivered again, after a while, and this delivery counts for nothing: it was not the message's fault.
    ///
    /// # Errors
    /// When the broker fails; the message is delivered again all the same.
    pub async fn postpone(self, after: Duration) -> BusResult<()> {
        self.answer.postpone(after).await
    }

    /// The message is given up and kept aside, with the reason.
    ///
    /// # Errors
    /// When the broker fails; the message is then delivered again.
    pub async fn give_up(self, reason: &str) -> BusResult<()> {
        self.answer.give_up(reason).await
    }
}

/// How the answer to a delivery reaches the broker.
#[async_trait]
pub trait Answer: Send + Sync {
    /// The message is dealt with.
    async fn ack(self: Box<Self>) -> BusResult<()>;
    /// The message shall be delivered again, after a while.
    async fn retry(self: Box<Self>, after: Duration) -> BusResult<()>;
    /// The message shall be delivered again, after a while, as the same delivery.
    async fn postpone(self: Box<Self>, after: Duration) -> BusResult<()>;
    /// The message is given up.
    async fn give_up(self: Box<Self>, reason: &str) -> BusResult<()>;
}

/// A message that a group gave up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The group.
    pub group: String,
    /// The message.
    pub envelope: Envelope,
    /// Why it was given up.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was given up.
    pub time: DateTime<Utc>,
}
