//! Events as they come over the broker.

use chrono::Utc;

use super::body::parsed;
use crate::messaging::{Envelope, Event};

/// An event as it comes over the broker.
///
/// # Panics
/// When the payload is not one of that event.
#[must_use]
#[track_caller]
pub fn message<E: Event>(payload: &str) -> Envelope {
    let payload = parsed(payload);
    let event: E = serde_json::from_value(payload.clone())
        .unwrap_or_else(|error| panic!("no {}: {error}", E::NAME));
    Envelope::new(
        E::TOPIC,
        E::NAME,
        E::VERSION,
        event.key(),
        "somebody",
        Utc::now(),
        payload,
    )
}
