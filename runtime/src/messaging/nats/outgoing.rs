//! Publishing: in the order of each key, and each message taken note of by the stream before the next one of its key is sent.

use std::collections::{BTreeMap, BTreeSet};

use async_nats::HeaderMap;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use futures_util::future::try_join_all;

use super::link::Link;
use crate::messaging::{BusResult, Envelope, MessageError};

/// What a dead letter adds to its message, so that what was published can always be given up.
const MARGIN: usize = 16 * 1024;
/// The header that carries the correlation identifier.
const CORRELATION_ID: &str = "x-correlation-id";

impl Link {
    pub(super) async fn publish(&self, messages: &[Envelope]) -> BusResult<()> {
        self.see_to_topics(messages).await?;
        match self.publish_waves(messages).await {
            Err(Unsent::NoStream(_)) => {
                self.seen_to().clear();
                self.see_to_topics(messages).await?;
                Ok(self.publish_waves(messages).await?)
            }
            other => Ok(other?),
        }
    }

    async fn see_to_topics(&self, messages: &[Envelope]) -> BusResult<()> {
        let topics: BTreeSet<&str> = messages.iter().map(|m| m.topic.as_str()).collect();
        for topic in topics {
            if !self.seen_to().contains(topic) {
                self.see_to_topic(topic, true).await?;
                self.seen_to().insert(topic.to_owned());
            }
        }
        Ok(())
    }

    async fn publish_waves(&self, messages: &[Envelope]) -> Result<(), Unsent> {
        for wave in waves(messages) {
            let sent = wave.into_iter().map(|message| self.publish_one(message));
            try_join_all(sent).await?;
        }
        Ok(())
    }

    async fn publish_one(&self, message: &Envelope) -> Result<(), Unsent> {
        let subject = self.names.subject(message);
        self.store(subject, &message.id.to_string(), message).await
    }

    /// Gives a message to the stream of a subject, and waits until it is kept there.
    pub(super) async fn store(
        &self,
        subject: String,
        known_as: &str,
        message: &Envelope,
    ) -> Result<(), Unsent> {
        let payload = encoded(message)?;
        let limit = self.client.max_payload();
        if limit > MARGIN && payload.len() > limit - MARGIN {
            return Err(Unsent::Other(MessageError::Payload {
                name: message.name.clone(),
                detail: format!(
                    "it has {} bytes, and the broker takes {limit}",
                    payload.len()
                ),
            }));
        }
        self.keep(subject, headers(message), known_as, payload)
            .await
    }

    pub(super) async fn keep(
        &self,
        subject: String,
        headers: HeaderMap,
        known_as: &str,
        payload: Vec<u8>,
    ) -> Result<(), Unsent> {
        let message = PublishMessage::build()
            .headers(headers)
            .message_id(known_as)
            .payload(payload.into());
        self.jetstream.send_publish(subject, message).await?.await?;
        Ok(())
    }
}

/// Why a message was not kept.
pub(super) enum Unsent {
    /// Nobody made a stream for it, or it was taken away.
    NoStream(MessageError),
    /// Anything else.
    Other(MessageError),
}

impl From<PublishError> for Unsent {
    fn from(error: PublishError) -> Self {
        let missing = error.kind() == PublishErrorKind::StreamNotFound;
        let error = MessageError::broker("publish", error);
        if missing {
            Self::NoStream(error)
        } else {
            Self::Other(error)
        }
    }
}

impl From<MessageError> for Unsent {
    fn from(error: MessageError) -> Self {
        Self::Other(error)
    }
}

impl From<Unsent> for MessageError {
    fn from(unsent: Unsent) -> Self {
        match unsent {
            Unsent::NoStream(error) | Unsent::Other(error) => error,
        }
    }
}

pub(super) fn encoded(message: &Envelope) -> BusResult<Vec<u8>> {
    serde_json::to_vec(message).map_err(|error| MessageError::Payload {
        name: message.name.clone(),
        detail: error.to_string(),
    })
}

/// What others may want to know without reading the message.
pub(super) fn headers(message: &Envelope) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: &str| {
        // A header is one line; what is not may still be read in the message.
        if let Ok(value) = value.parse::<async_nats::HeaderValue>() {
            headers.insert(name, value);
        }
    };
    put("content-type", "application/json");
    put("message-name", &message.name);
    put("message-version", &message.version.to_string());
    put(CORRELATION_ID, &message.correlation_id);
    if let Some(parent) = &message.traceparent {
        put("traceparent", parent);
    }
    headers
}

/// Divides messages so that each wave has one of a key at most, and the waves keep their order: what is sent together may be kept in any
/// order, or in part.
fn waves(messages: &[Envelope]) -> Vec<Vec<&Envelope>> {
    let mut next: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut waves: Vec<Vec<&Envelope>> = Vec::new();
    for message in messages {
        let wave = if message.key.is_empty() {
            0
        } else {
            let next = next.entry((&message.topic, &message.key)).or_default();
            let wave = *next;
            *next += 1;
            wave
        };
        if waves.len() <= wave {
            waves.resize_with(wave + 1, Vec::new);
        }
        waves[wave].push(message);
    }
    waves
}
