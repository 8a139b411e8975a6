//! What messages are promised, on the embedded broker.

mod broker;
mod consumers;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tempfile::TempDir;

use super::Envelope;
use super::embedded::EmbeddedBus;
use crate::storage::ManualClock;

fn noon() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn message(topic: &str, key: &str, text: &str) -> Envelope {
    Envelope::new(
        topic,
        "Said",
        1,
        key.to_owned(),
        "tests",
        noon(),
        text.into(),
    )
}

async fn bus() -> (EmbeddedBus, ManualClock, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::at(noon());
    let bus = EmbeddedBus::open_with(folder.path().join("broker.db"), Arc::new(clock.clone()))
        .await
        .unwrap();
    (bus, clock, folder)
}
