//! The loop that every receiver of messages shares: take one, work on it, answer the broker.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::future::try_join_all;

use super::{Bus, BusResult, Delivery, Envelope, Subscription};
use crate::shutdown::Shutdown;
use crate::telemetry::{Counter, Metrics};
use crate::worker::{BoxError, Worker, panic_message};

/// How often a message is tried, and how long to wait in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryPolicy {
    /// How often in all, before the message is given up.
    pub max_attempts: u32,
    /// The wait after the first failure; it doubles with each further one.
    pub base_delay: Duration,
    /// The longest wait.
    pub max_delay: Duration,
    /// How many messages are worked on at a time; those of one key always one after the other.
    pub concurrency: usize,
}

impl Default for DeliveryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 8,
            base_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(30),
            concurrency: 1,
        }
    }
}

impl DeliveryPolicy {
    fn delay(&self, attempt: u32) -> Duration {
        let factor = 2_u32.saturating_pow(attempt.saturating_sub(1).min(31));
        self.base_delay.saturating_mul(factor).min(self.max_delay)
    }
}

/// Why a message was not dealt with.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It may go better another time.
    Again(BoxError),
    /// It never will.
    Never(BoxError),
}

impl<E: Into<BoxError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Again(error.into())
    }
}

/// Someone who receives the messages of a topic.
#[async_trait]
pub(crate) trait Receiver: Send + Sync + 'static {
    /// The group in which it receives, and the name under which its inbox remembers.
    fn name(&self) -> &str;
    /// The topic.
    fn topic(&self) -> &str;
    /// Deals with a message. Called again when it failed, so that it must take effect at most once by itself.
    async fn receive(&self, message: &Envelope) -> Result<(), Failure>;
}

/// A receiver at a broker.
pub(crate) struct Reception<R> {
    receiver: R,
    bus: Arc<dyn Bus>,
    policy: DeliveryPolicy,
    outcomes: Option<Counter<2>>,
}

impl<R: Receiver> Reception<R> {
    pub(crate) fn new(receiver: R, bus: Arc<dyn Bus>) -> Self {
        Self {
            receiver,
            bus,
            policy: DeliveryPolicy::default(),
            outcomes: None,
        }
    }

    pub(crate) fn set_policy(&mut self, policy: DeliveryPolicy) {
        self.policy = policy;
    }

    pub(crate) fn receiver(&self) -> &R {
        &self.receiver
    }

    pub(crate) fn receiver_mut(&mut self) -> &mut R {
        &mut self.receiver
    }

    pub(crate) fn set_metrics(&mut self, metrics: &Metrics) {
        let help = "Messages by what became of a delivery: done, retried, given_up";
        self.outcomes =
            Some(metrics.counter("messages_received_total", help, ["consumer", "outcome"]));
    }

    /// Deals with everything that is there now, and says how many messages that were.
    pub(crate) async fn drain(&self) -> BusResult<usize> {
        let mut subscription = self.subscribe().await?;
        let mut count = 0;
        while let Some(delivery) = subscription.try_next().await? {
            self.deal(delivery).await?;
            count += 1;
        }
        Ok(count)
    }

    async fn subscribe(&self) -> BusResult<Box<dyn Subscription>> {
        self.bus
            .subscribe(self.receiver.topic(), self.receiver.name())
            .await
    }

    async fn member(&self, shutdown: &Shutdown) -> BusResult<()> {
        let mut subscription = self.subscribe().await?;
        loop {
            let delivery = tokio::select! {
                biased;
                () = shutdown.wait() => return Ok(()),
                delivery = subscription.next() => delivery?,
            };
            self.deal(delivery).await?;
        }
    }

    async fn deal(&self, delivery: Delivery) -> BusResult<()> {
        let context = delivery.envelope.context();
        context.scope(self.deal_in_context(delivery)).await
    }

    async fn deal_in_context(&self, delivery: Delivery) -> BusResult<()> {
        let work = AssertUnwindSafe(self.receiver.receive(&delivery.envelope)).catch_unwind();
        let result = work
            .await
            .unwrap_or_else(|panic| Err(Failure::Again(panic_message(panic.as_ref()).into())));
        let (error, last) = match result {
            Ok(()) => {
                tracing::info!(
                    consumer = self.receiver.name(),
                    message.id = %delivery.envelope.id,
                    message.name = delivery.envelope.name,
                    "message dealt with"
                );
                self.count("done");
                return delivery.ack().await;
            }
            Err(Failure::Again(error)) => (error, delivery.attempt >= self.policy.max_attempts),
            Err(Failure::Never(error)) => (error, true),
        };
        let reason = chain(&*error);
        tracing::warn!(
            consumer = self.receiver.name(),
            message.id = %delivery.envelope.id,
            message.name = delivery.envelope.name,
            attempt = delivery.attempt,
            given_up = last,
            error = reason,
            "message not dealt with"
        );
        if last {
            self.count("given_up");
            return delivery.give_up(&reason).await;
        }
        self.count("retried");
        let delay = self.policy.delay(delivery.attempt);
        delivery.retry(delay).await
    }

    fn count(&self, outcome: &str) {
        if let Some(counter) = &self.outcomes {
            counter.inc([self.receiver.name(), outcome]);
        }
    }
}

#[async_trait]
impl<R: Receiver> Worker for Reception<R> {
    fn name(&self) -> &str {
        self.receiver.name()
    }

    async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
        try_join_all((0..self.policy.concurrency.max(1)).map(|_| self.member(shutdown))).await?;
        Ok(())
    }
}

/// An error with all its causes, in one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
