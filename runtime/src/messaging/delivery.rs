//! The loop that every receiver of messages shares: take one, work on it, answer the broker.

use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use tracing::{Instrument, Span};

use super::backlog::{Backlog, watch};
use super::outage::{Outage, is_outage};
use super::{Bus, BusResult, Delivery, Envelope, Subscription};
use crate::problem::chain;
use crate::resilience::{RetryPolicy, random_unit};
use crate::shutdown::Shutdown;
use crate::telemetry::{Counter, Gauge, Metrics, spans};
use crate::worker::{BoxError, Worker, panic_message};

/// How often a message is tried, and how long to wait in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryPolicy {
    /// How often in all, before the message is given up. While something else is not available, no try counts.
    pub max_attempts: u32,
    /// The wait after the first failure; it doubles with each further one, and is shortened at random, to a half at most.
    pub base_delay: Duration,
    /// The longest wait, before it is shortened.
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
        let policy = RetryPolicy {
            max_attempts: self.max_attempts,
            base_delay: self.base_delay,
            max_delay: self.max_delay,
            backoff_factor: 2.0,
            jitter: true,
        };
        policy.delay(attempt, random_unit())
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
    /// Whether it receives for one instance alone, and only for as long as that is there.
    fn is_passing(&self) -> bool {
        false
    }
    /// What to do first where it is passing: from now on messages come, and of earlier ones it will hear nothing.
    async fn begin(&self) {}
    /// Deals with a message. Called again when it failed, so that it must take effect at most once by itself.
    async fn receive(&self, message: &Envelope) -> Result<(), Failure>;
}

/// A receiver at a broker.
pub(crate) struct Reception<R> {
    receiver: R,
    bus: Arc<dyn Bus>,
    policy: DeliveryPolicy,
    outcomes: Option<Counter<2>>,
    waiting: Option<Gauge<1>>,
    backlog: Option<Backlog>,
    outage: Outage,
}

impl<R: Receiver> Reception<R> {
    pub(crate) fn new(receiver: R, bus: Arc<dyn Bus>) -> Self {
        Self {
            receiver,
            bus,
            policy: DeliveryPolicy::default(),
            outcomes: None,
            waiting: None,
            backlog: None,
            outage: Outage::default(),
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
        let help = "Messages by what became of a delivery: done, retried, postponed, given_up";
        self.outcomes =
            Some(metrics.counter("messages_received_total", help, ["consumer", "outcome"]));
        let help = "1 while a consumer waits for a store or a service that is not available";
        self.waiting = Some(metrics.gauge("consumer_waiting", help, ["consumer"]));
        self.show_waiting(false);
        self.backlog = Some(Backlog::new(metrics));
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
        let (topic, group) = (self.receiver.topic(), self.receiver.name());
        if !self.receiver.is_passing() {
            return self.bus.subscribe(topic, group).await;
        }
        let subscription = self.bus.follow(topic, group).await?;
        self.receiver.begin().await;
        Ok(subscription)
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
        let (message, attempt) = (&delivery.envelope, delivery.attempt);
        let group = self.receiver.name();
        let span = spans::consumer(&context.trace, self.bus.name(), group, message, attempt);
        let work = self.deal_in_context(delivery, span.clone());
        context.scope(work).instrument(span).await
    }

    async fn deal_in_context(&self, delivery: Delivery, span: Span) -> BusResult<()> {
        let work = AssertUnwindSafe(self.receiver.receive(&delivery.envelope)).catch_unwind();
        let result = work
            .await
            .unwrap_or_else(|panic| Err(Failure::Again(panic_message(panic.as_ref()).into())));
        if let Err(Failure::Again(error) | Failure::Never(error)) = &result
            && !span.is_disabled()
        {
            spans::failed(&span, "failed", &chain(&**error));
        }
        match result {
            Ok(()) => self.done(delivery).await,
            Err(Failure::Again(error)) if is_outage(&*error) => {
                self.postpone(delivery, &error).await
            }
            Err(Failure::Again(error)) if delivery.attempt < self.policy.max_attempts => {
                self.complain(&delivery, &*error, false);
                self.count("retried");
                let delay = self.policy.delay(delivery.attempt);
                delivery.retry(delay).await
            }
            Err(Failure::Again(error) | Failure::Never(error)) => {
                let reason = self.complain(&delivery, &*error, true);
                self.count("given_up");
                delivery.give_up(&reason).await
            }
        }
    }

    async fn done(&self, delivery: Delivery) -> BusResult<()> {
        tracing::info!(
            consumer = self.receiver.name(),
            message.id = %delivery.envelope.id,
            message.name = delivery.envelope.name,
            "message dealt with"
        );
        self.count("done");
        if self.outage.ends() {
            self.show_waiting(false);
        }
        delivery.ack().await
    }

    /// Nothing can be done about the message now, so it keeps its place until something can.
    async fn postpone(&self, delivery: Delivery, error: &BoxError) -> BusResult<()> {
        let reason = chain(&**error);
        let tries = self.outage.goes_on(&reason);
        let delay = self.policy.delay(tries);
        tracing::warn!(
            consumer = self.receiver.name(),
            message.id = %delivery.envelope.id,
            message.name = delivery.envelope.name,
            tries,
            delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
            error = reason,
            "message waits for what is not available"
        );
        self.count("postponed");
        self.show_waiting(true);
        delivery.postpone(delay).await
    }

    fn complain(&self, delivery: &Delivery, error: &(dyn Error + 'static), last: bool) -> String {
        let reason = chain(error);
        tracing::warn!(
            consumer = self.receiver.name(),
            message.id = %delivery.envelope.id,
            message.name = delivery.envelope.name,
            attempt = delivery.attempt,
            given_up = last,
            error = reason,
            "message not dealt with"
        );
        reason
    }

    fn show_waiting(&self, waits: bool) {
        if let Some(gauge) = &self.waiting {
            gauge.set([self.receiver.name()], f64::from(u8::from(waits)));
        }
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

    fn waits_for(&self) -> Option<String> {
        self.outage.cause()
    }

    async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
        let members = (0..self.policy.concurrency.max(1)).map(|_| self.member(shutdown));
        let (topic, group) = (self.receiver.topic(), self.receiver.name());
        tokio::select! {
            done = try_join_all(members) => done.map(|_| ()).map_err(Into::into),
            () = watch(self.backlog.as_ref(), &*self.bus, topic, group) => Ok(()),
        }
    }
}
