//! Sagas are forgotten long after their end, by everyone at once, and not before.

use chrono::Duration;

use super::system::{Files, Path, System, Trip};
use crate::saga::start;
use crate::storage::Clock;
use crate::storage::fused::Fuse;

/// In how many steps each service remembers its part, and whether the saga itself is known.
async fn memory(files: &Files, id: uuid::Uuid) -> (bool, usize) {
    let mut parts = 0;
    for (service, step) in [("left", "take"), ("right", "book"), ("lead", "ship")] {
        let mut reading = files.database(service).await.read().await.unwrap();
        let part = reading.transaction().participation_load(id, step).await;
        parts += usize::from(part.unwrap().is_some());
    }
    let mut reading = files.database("lead").await.read().await.unwrap();
    let saga = reading.transaction().saga_load(id).await.unwrap();
    (saga.is_some(), parts)
}

#[tokio::test]
async fn a_saga_is_forgotten_a_month_after_its_end_here_and_where_its_steps_were_taken() {
    let files = Files::new().await;
    let system = System::boot(&files, &Path::of(&[]), &Fuse::new(None));
    let (ended, other) = (files.id(), files.id());
    system.run(ended).await.unwrap();
    assert_eq!(memory(&files, ended).await, (true, 3));

    files
        .clock()
        .advance_to(files.clock().now() + Duration::days(29));
    assert_eq!(system.forget_ended().await, 0);
    let mut uow = system.lead().begin().await.unwrap();
    start(&mut uow, &Trip, other, &"me").await.unwrap();
    uow.commit().await.unwrap();

    files
        .clock()
        .advance_to(files.clock().now() + Duration::days(60));
    assert_eq!(
        system.forget_ended().await,
        1,
        "the other one has not ended"
    );
    assert_eq!(memory(&files, ended).await, (false, 3));
    system.run(other).await.unwrap();
    assert_eq!(memory(&files, ended).await, (false, 0));
    assert!(memory(&files, other).await.0);
}
