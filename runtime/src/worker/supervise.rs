//! Runs a worker again when it fails or panics, until it is time to stop.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;

use super::Worker;
use crate::shutdown::Shutdown;
use crate::telemetry::Counter;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Runs the worker until it ends in order. A run that held out for the longest pause counts as healthy again.
pub(crate) async fn supervise(worker: Arc<dyn Worker>, restarts: Counter<1>, shutdown: Shutdown) {
    let mut pause = FIRST_PAUSE;
    loop {
        let began = Instant::now();
        let run = AssertUnwindSafe(worker.run(&shutdown)).catch_unwind().await;
        let failure = match run {
            Ok(Ok(())) if shutdown.is_triggered() => return,
            Ok(Ok(())) => "it ended before the service did".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(panic) => panic_message(panic.as_ref()),
        };
        if shutdown.is_triggered() {
            return;
        }
        if began.elapsed() >= LONGEST_PAUSE {
            pause = FIRST_PAUSE;
        }
        restarts.inc([worker.name()]);
        tracing::error!(
            worker = worker.name(),
            error = %failure,
            pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
            "background worker failed and will be run again"
        );
        if !shutdown.sleep(pause).await {
            return;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// What a panic said, as far as it said it in words.
pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    words.map_or_else(
        || "panicked".to_owned(),
        |words| format!("panicked: {words}"),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::telemetry::Metrics;
    use crate::worker::BoxError;

    #[derive(Default)]
    struct Clumsy {
        runs: AtomicUsize,
    }

    #[async_trait]
    impl Worker for Clumsy {
        fn name(&self) -> &str {
            "clumsy"
        }

        async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
            match self.runs.fetch_add(1, Ordering::SeqCst) {
                0 => Err("first run fails".into()),
                1 => panic!("second run panics"),
                _ => {
                    shutdown.trigger();
                    Ok(())
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_fails_or_panics_is_run_again_until_the_stop() {
        let metrics = Metrics::new("test");
        let worker = Arc::new(Clumsy::default());
        supervise(
            worker.clone(),
            metrics.worker_restarts().clone(),
            Shutdown::new(),
        )
        .await;
        assert_eq!(worker.runs.load(Ordering::SeqCst), 3);
        assert!(
            metrics
                .render()
                .contains(r#"worker_restarts_total{service="test",worker="clumsy"} 2"#)
        );
    }
}
