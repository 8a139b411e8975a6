//! A saga on running workers, which wake each other and stop in order.

use std::time::{Duration, Instant};

use chrono::Duration as Span;

use super::system::{Files, Path, System, Trip};
use crate::saga::Provoked::Hang;
use crate::saga::start;
use crate::shutdown::Shutdown;
use crate::storage::Clock;
use crate::storage::fused::Fuse;

/// Runs one saga on workers; moves the clock when asked to. Gives how it ended.
async fn run(path: &Path, minutes_pass: bool) -> String {
    let files = Files::new().await;
    let system = System::boot(&files, path, &Fuse::new(None));
    let (lead, shutdown) = (system.lead(), Shutdown::new());
    let tasks: Vec<_> = system
        .into_workers()
        .into_iter()
        .map(|worker| {
            let shutdown = shutdown.clone();
            tokio::spawn(async move { worker.run(&shutdown).await.unwrap() })
        })
        .collect();
    let id = files.id();
    let mut uow = lead.begin().await.unwrap();
    start(&mut uow, &Trip, id, &"me").await.unwrap();
    uow.commit().await.unwrap();
    let began = Instant::now();
    let status = loop {
        let saga = lead
            .read()
            .await
            .unwrap()
            .transaction()
            .saga_load(id)
            .await
            .unwrap();
        let status = saga.unwrap().status;
        if status == "committed" || status == "compensated" {
            break status;
        }
        assert!(
            began.elapsed() < Duration::from_secs(8),
            "nobody woke up: still {status}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
        if minutes_pass {
            files
                .clock()
                .advance_to(files.clock().now() + Span::seconds(1));
        }
    };
    shutdown.trigger();
    for task in tasks {
        tokio::time::timeout(Duration::from_secs(5), task)
            .await
            .unwrap()
            .unwrap();
    }
    status
}

#[tokio::test]
async fn workers_carry_a_saga_through_without_being_polled() {
    assert_eq!(run(&Path::of(&[]), false).await, "committed");
}

#[tokio::test]
async fn the_timer_of_a_step_fires_by_itself() {
    assert_eq!(
        run(&Path::of(&[("book", Hang, 1)]), true).await,
        "compensated"
    );
}
