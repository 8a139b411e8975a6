//! A saga whose end is refused waits for it, instead of trying it as fast as it can.

use chrono::Duration;
use uuid::Uuid;

use super::system::{Files, Path, System, Totals, Trip};
use crate::messaging::Bus;
use crate::saga::Provoked::Reject;
use crate::saga::{Provoked, SagaRecord, start};
use crate::storage::fused::Fuse;
use crate::storage::testing::Thing;
use crate::storage::{Clock, Filter};

async fn stored(files: &Files, id: Uuid) -> SagaRecord {
    let lead = files.database("lead").await;
    let mut reading = lead.read().await.unwrap();
    let saga = reading.transaction().saga_load(id).await.unwrap();
    saga.unwrap()
}

/// Does everything that can be done without waiting; an end that is tried again at once never lets it come to rest.
async fn rest(system: &System) {
    for _ in 0..200 {
        if system.drain().await.unwrap() + system.fire_due().await == 0 {
            return;
        }
    }
    panic!("the saga does not come to rest");
}

/// Runs a saga whose end is refused for lack of a record, and says what the world is when it has ended all the same.
async fn held_up(faults: &[(&'static str, Provoked, u32)], end: &str) -> Totals {
    let files = Files::new().await;
    let before = files.totals().await;
    let lead = files.database("lead").await;
    let mut uow = lead.begin().await.unwrap();
    let mut things = uow.repository::<Thing>();
    let removed = things.first(Filter::eq("name", end)).await.unwrap();
    let removed = removed.expect("it counts how often a saga ended so");
    things.delete(removed.id).await.unwrap();
    uow.commit().await.unwrap();

    let system = System::boot(&files, &Path::of(faults), &Fuse::new(None));
    let id = files.id();
    let mut uow = system.lead().begin().await.unwrap();
    start(&mut uow, &Trip, id, &"me").await.unwrap();
    uow.commit().await.unwrap();
    rest(&system).await;
    let first = stored(&files, id).await;
    assert_eq!((first.status.as_str(), first.ended_at), ("stuck", None));
    let dead = files.bus().dead_letters("lead", 10).await.unwrap();
    assert!(dead.is_empty(), "the reply itself was taken");

    // Each refusal is waited for longer than the one before.
    let mut waited = first.wake_at.unwrap() - files.clock().now();
    assert!(waited >= Duration::seconds(10), "{waited}");
    for _ in 0..3 {
        files
            .clock()
            .advance_to(stored(&files, id).await.wake_at.unwrap());
        rest(&system).await;
        let again = stored(&files, id).await;
        assert_eq!(again.status, "stuck");
        let longer = again.wake_at.unwrap() - files.clock().now();
        assert!(longer > waited, "{longer} after {waited}");
        waited = longer;
    }

    // Somebody sees to what was missing: the next try ends the saga.
    let mut uow = lead.begin().await.unwrap();
    uow.repository::<Thing>().insert(removed).await.unwrap();
    uow.commit().await.unwrap();
    assert_eq!(system.end(id).await.unwrap(), end);
    let after = files.totals().await;
    Totals {
        stock: after.stock - before.stock,
        bookings: after.bookings - before.bookings,
        ..after
    }
}

#[tokio::test]
async fn a_compensated_saga_whose_end_is_refused_is_stuck_until_it_is_accepted() {
    let left = Totals {
        stock: 0,
        bookings: 0,
        committed: 0,
        compensated: 1,
    };
    assert_eq!(held_up(&[("book", Reject, 1)], "compensated").await, left);
}

#[tokio::test]
async fn a_committed_saga_whose_end_is_refused_is_stuck_until_it_is_accepted() {
    let left = Totals {
        stock: -3,
        bookings: 1,
        committed: 1,
        compensated: 0,
    };
    assert_eq!(held_up(&[], "committed").await, left);
}
