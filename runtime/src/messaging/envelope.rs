//! A message as it travels: what happened, to what, because of what, on whose trace.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::MessageError;
use crate::context::{CorrelationId, RequestContext};
use crate::convert::without_value;

/// An event that a service publishes. Implemented by generated contracts, one type per version.
pub trait Event: Serialize + DeserializeOwned + Send + Sync {
    /// The event's name.
    const NAME: &'static str;
    /// The version of its schema.
    const VERSION: u32;
    /// The topic that carries it.
    const TOPIC: &'static str;

    /// What it is about. Events of one key are delivered in the order in which they were published; without a key, in any.
    fn key(&self) -> String {
        String::new()
    }
}

/// A message with everything that its receiver needs to place it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// Its identity: a message that comes twice has the same one. Version 7, so that it tells the time.
    pub id: Uuid,
    /// The topic that carries it.
    pub topic: String,
    /// What it is: the name of an event or a command.
    pub name: String,
    /// The version of the payload's schema.
    pub version: u32,
    /// What must stay in order.
    pub key: String,
    /// The service that sent it.
    pub producer: String,
    /// When it was sent.
    pub time: DateTime<Utc>,
    /// What ties together everything done for one outer cause.
    pub correlation_id: String,
    /// The message that caused this one.
    pub causation_id: Option<Uuid>,
    /// The W3C trace context of the sender; none where it worked at nobody's request, so that a trace begins with the message.
    pub traceparent: Option<String>,
    /// What it says.
    pub payload: serde_json::Value,
}

impl Envelope {
    /// Wraps an event that a service publishes now, within the running request's context.
    ///
    /// # Errors
    /// When the event has no JSON form.
    pub fn of<E: Event>(
        event: &E,
        producer: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, MessageError> {
        let payload = serde_json::to_value(event).map_err(|error| MessageError::Payload {
            name: E::NAME.to_owned(),
            detail: error.to_string(),
        })?;
        Ok(Self::new(
            E::TOPIC,
            E::NAME,
            E::VERSION,
            event.key(),
            producer,
            now,
            payload,
        ))
    }

    /// Wraps a payload that a service sends now, within the running request's context.
    #[must_use]
    pub fn new(
        topic: &str,
        name: &str,
        version: u32,
        key: String,
        producer: &str,
        now: DateTime<Utc>,
        payload: serde_json::Value,
    ) -> Self {
        let context = RequestContext::try_current();
        let traceparent = context.as_ref().map(|context| context.trace.to_header());
        let correlation_id = context.map_or_else(CorrelationId::generate, |c| c.correlation_id);
        Self {
            id: Uuid::now_v7(),
            topic: topic.to_owned(),
            name: name.to_owned(),
            version,
            key,
            producer: producer.to_owned(),
            time: now,
            correlation_id: correlation_id.to_string(),
            causation_id: None,
            traceparent,
            payload,
        }
    }

    /// What the message says, as an event of a type.
    ///
    /// # Errors
    /// When the message is another event, or does not fit its schema.
    pub fn event<E: Event>(&self) -> Result<E, MessageError> {
        if self.name != E::NAME || self.version != E::VERSION {
            return Err(MessageError::Unexpected {
                expected: format!("{} v{}", E::NAME, E::VERSION),
                found: format!("{} v{}", self.name, self.version),
            });
        }
        self.payload()
    }

    /// What the message says, as any type.
    ///
    /// # Errors
    /// When the payload does not fit.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, MessageError> {
        serde_json::from_value(self.payload.clone()).map_err(|error| MessageError::Payload {
            name: self.name.clone(),
            detail: without_value(&error),
        })
    }

    /// The context that the receiver works in: the sender's trace and correlation go on.
    #[must_use]
    pub fn context(&self) -> RequestContext {
        RequestContext::from_message(self.traceparent.as_deref(), &self.correlation_id)
    }
}
