//! A service's reactions to events: each takes effect once, in the transaction in which the message is noted in the inbox.

use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use http::StatusCode;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::delivery::{Failure, Receiver, Reception};
use super::{Bus, BusResult, DeliveryPolicy, Envelope, Event, MessageError};
use crate::problem::{Problem, Result};
use crate::shutdown::Shutdown;
use crate::storage::{Database, UnitOfWork};
use crate::telemetry::Metrics;
use crate::worker::{BoxError, Worker};

/// What a service does when an event arrives.
#[async_trait]
pub trait Consumer: Send + Sync + 'static {
    /// The event, in the version that is understood here.
    type Event: Event;
    /// Its name among all consumers of the system, such as `billing.invoice-on-order-placed`: it stands for what was received already,
    /// so changing it means receiving everything once more.
    const NAME: &'static str;

    /// What the sender keeps when it sends an event again under another id, such as the field that [`idempotency_key`] turns into
    /// text. Usually none: the message's own id tells.
    fn idempotency_key(&self, _event: &Self::Event) -> Option<String> {
        None
    }

    /// Reacts to the event. What it does to the unit of work becomes durable together with the note that the event was received.
    ///
    /// # Errors
    /// A problem undoes everything, and the event comes again later; after 422 it is given up at once, since a rule that was broken
    /// stays broken.
    async fn handle(&self, uow: &mut UnitOfWork, event: Self::Event) -> Result<()>;
}

/// The background work of a consumer.
pub struct ConsumerWorker<C: Consumer>(Reception<Inbox<C>>);

impl<C: Consumer> ConsumerWorker<C> {
    /// A consumer at a broker, with the usual policy.
    pub fn new(consumer: C, database: Database, bus: Arc<dyn Bus>) -> Self {
        Self(Reception::new(
            Inbox {
                consumer,
                database,
                event: PhantomData,
            },
            bus,
        ))
    }

    /// Another policy of redelivery.
    #[must_use]
    pub fn policy(mut self, policy: DeliveryPolicy) -> Self {
        self.0.set_policy(policy);
        self
    }

    /// Counts deliveries as `messages_received_total`.
    #[must_use]
    pub fn metrics(mut self, metrics: &Metrics) -> Self {
        self.0.set_metrics(metrics);
        self
    }

    /// Deals with everything that is there now, and says how many messages that were.
    ///
    /// # Errors
    /// When the broker fails.
    pub async fn drain(&self) -> BusResult<usize> {
        self.0.drain().await
    }
}

#[async_trait]
impl<C: Consumer> Worker for ConsumerWorker<C> {
    fn name(&self) -> &str {
        C::NAME
    }

    fn waits_for(&self) -> Option<String> {
        self.0.waits_for()
    }

    async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
        self.0.run(shutdown).await
    }
}

struct Inbox<C: Consumer> {
    consumer: C,
    database: Database,
    event: PhantomData<fn() -> C::Event>,
}

#[async_trait]
impl<C: Consumer> Receiver for Inbox<C> {
    fn name(&self) -> &str {
        C::NAME
    }

    fn topic(&self) -> &str {
        C::Event::TOPIC
    }

    async fn receive(&self, message: &Envelope) -> Result<(), Failure> {
        let event = match message.event::<C::Event>() {
            Ok(event) => event,
            // Another event or version on a shared topic is somebody else's.
            Err(MessageError::Unexpected { .. }) => return Ok(()),
            Err(error) => return Err(Failure::Never(error.into())),
        };
        let key = self.consumer.idempotency_key(&event);
        let claim = key.map_or(message.id, |key| claim_of(&key));
        let mut uow = self.database.begin().await?;
        let now = uow.now();
        if !uow.transaction().inbox_claim(C::NAME, claim, now).await? {
            return Ok(uow.rollback().await?);
        }
        uow.caused_by(message.id);
        let handled = self.consumer.handle(&mut uow, event).await;
        handled.map_err(failure)?;
        Ok(uow.commit().await?)
    }
}

/// A field of an event as a key; none where the field is empty.
#[must_use]
pub fn idempotency_key(field: &impl Serialize) -> Option<String> {
    let field = serde_json::to_value(field).ok()?;
    (!field.is_null()).then(|| field.to_string())
}

/// The inbox notes ids; a key has that of its digest (version 8 of RFC 9562, custom).
fn claim_of(key: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(key)[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What an event asks against a rule is refused however often it is tried; anything else may go better another time.
fn failure(problem: Problem) -> Failure {
    if problem.status() == StatusCode::UNPROCESSABLE_ENTITY {
        Failure::Never(problem.into())
    } else {
        Failure::Again(problem.into())
    }
}
