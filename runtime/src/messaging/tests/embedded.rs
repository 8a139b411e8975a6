//! The embedded broker by itself.

use std::sync::Arc;
use std::time::Duration;

use super::{message, noon, text};
use crate::messaging::Bus;
use crate::messaging::embedded::EmbeddedBus;
use crate::storage::{Clock as _, ManualClock};

#[tokio::test]
async fn only_what_nobody_waits_for_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let clock = ManualClock::at(noon());
    let file = folder.path().join("broker.db");
    let bus = EmbeddedBus::open_with(file, Arc::new(clock.clone()))
        .await
        .unwrap();
    let mut group = bus.subscribe("t", "g").await.unwrap();
    bus.publish(&[message("t", "", "a"), message("t", "", "b")])
        .await
        .unwrap();
    text(&mut group).await;
    clock.advance_to(noon() + Duration::from_secs(60));
    assert_eq!(bus.trim(clock.now()).await.unwrap(), 1);
    assert_eq!(text(&mut group).await, "b");
}
