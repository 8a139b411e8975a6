//! The system is stopped before and after every single durable operation, and in places again while it recovers.

use super::system::{Files, Path, System, Totals};
use crate::saga::Provoked;
use crate::saga::Provoked::{Error, Hang, Reject};
use crate::storage::fused::{Fuse, Side};

type Faults = &'static [(&'static str, Provoked, u32)];

/// What the saga is to leave behind, as a difference.
fn expected(status: &str) -> Totals {
    match status {
        "committed" => Totals {
            stock: -3,
            bookings: 1,
            committed: 1,
            compensated: 0,
        },
        _ => Totals {
            stock: 0,
            bookings: 0,
            committed: 0,
            compensated: 1,
        },
    }
}

/// Runs a saga through crashes, one per boot, until a boot gets through. Gives its end and the operations of the last boot.
async fn survive(files: &Files, faults: Faults, crashes: &[(usize, Side)]) -> (String, usize) {
    let (id, path, before) = (files.id(), Path::of(faults), files.totals().await);
    let boots = crashes.iter().copied().map(Some).chain([None]);
    for crash in boots {
        let fuse = Fuse::new(crash);
        let run = System::boot(files, &path, &fuse).run(id).await;
        if fuse.is_burnt() {
            continue;
        }
        let status = run.unwrap();
        let after = files.totals().await;
        let left = Totals {
            stock: after.stock - before.stock,
            bookings: after.bookings - before.bookings,
            committed: after.committed - before.committed,
            compensated: after.compensated - before.compensated,
        };
        assert_eq!(left, expected(&status), "{faults:?} {crashes:?}");
        return (status, fuse.count());
    }
    unreachable!("the last boot has no crash");
}

/// Stops the system at every operation of a path, on both sides, and at every third one again during the recovery.
async fn stop_everywhere(faults: Faults, end: &str) {
    let files = Files::new().await;
    let (status, operations) = survive(&files, faults, &[]).await;
    assert_eq!(status, end);
    assert!(
        operations > 20,
        "a saga of three steps takes more than {operations} operations"
    );
    for at in 0..operations {
        for side in [Side::Before, Side::After] {
            survive(&files, faults, &[(at, side)]).await;
            if at % 3 == 0 {
                let again = [(at, side), (at % 11, Side::After), (at % 7, Side::Before)];
                survive(&files, faults, &again).await;
            }
        }
    }
}

#[tokio::test]
async fn a_saga_that_succeeds_survives_a_stop_at_any_operation() {
    stop_everywhere(&[], "committed").await;
}

#[tokio::test]
async fn a_saga_whose_pivot_is_refused_survives_a_stop_at_any_operation() {
    stop_everywhere(&[("ship", Reject, 1)], "compensated").await;
}

#[tokio::test]
async fn a_saga_whose_step_keeps_failing_survives_a_stop_at_any_operation() {
    stop_everywhere(&[("book", Error, 9), ("untake", Error, 1)], "compensated").await;
}

#[tokio::test]
async fn a_saga_whose_pivot_hangs_survives_a_stop_at_any_operation() {
    stop_everywhere(&[("ship", Hang, 9)], "compensated").await;
}

#[tokio::test]
async fn a_step_that_fails_once_is_tried_again() {
    let files = Files::new().await;
    assert_eq!(
        survive(
            &files,
            &[("take", Error, 1), ("book", Error, 2), ("ship", Error, 1)],
            &[]
        )
        .await
        .0,
        "committed"
    );
}

#[tokio::test]
async fn a_step_that_hangs_is_taken_back() {
    let files = Files::new().await;
    assert_eq!(
        survive(&files, &[("book", Hang, 1)], &[]).await.0,
        "compensated"
    );
}

#[tokio::test]
async fn a_compensation_is_tried_until_it_is_done() {
    let files = Files::new().await;
    let faults: Faults = &[
        ("ship", Reject, 1),
        ("unbook", Error, 12),
        ("untake", Hang, 3),
    ];
    assert_eq!(survive(&files, faults, &[]).await.0, "compensated");
}
