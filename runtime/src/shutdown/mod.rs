//! Stopping in order: one handle that everything long-lived waits on.
//!
//! ```
//! use msarch_runtime::shutdown::Shutdown;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let shutdown = Shutdown::new();
//! let worker = tokio::spawn({
//!     let shutdown = shutdown.clone();
//!     async move { shutdown.wait().await }
//! });
//! shutdown.trigger();
//! worker.await.expect("the worker saw the signal");
//! # }
//! ```

use std::time::Duration;

use tokio::sync::watch;

/// A handle that says when to stop. All clones see the same signal, which comes once and stays.
#[derive(Clone, Debug)]
pub struct Shutdown {
    signal: watch::Sender<bool>,
}

impl Shutdown {
    /// A handle that stops when somebody triggers it.
    #[must_use]
    pub fn new() -> Self {
        Self {
            signal: watch::Sender::new(false),
        }
    }

    /// A handle that also stops on SIGTERM, and on Ctrl-C.
    #[must_use]
    pub fn on_signals() -> Self {
        let shutdown = Self::new();
        let handle = shutdown.clone();
        tokio::spawn(async move {
            stop_requested().await;
            handle.trigger();
        });
        shutdown
    }

    /// Says to stop.
    pub fn trigger(&self) {
        self.signal.send_replace(true);
    }

    /// Whether it was said.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        *self.signal.borrow()
    }

    /// Waits until it is said.
    pub async fn wait(&self) {
        // The sender lives in this very handle, so the channel cannot close while we wait.
        let _ = self.signal.subscribe().wait_for(|stop| *stop).await;
    }

    /// Sleeps, but no longer than until the stop. Gives true if the time passed, false if it is time to stop.
    pub async fn sleep(&self, time: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(time) => !self.is_triggered(),
            () = self.wait() => false,
        }
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

async fn stop_requested() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // No signal can be received here: run until somebody triggers the handle.
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_late_waiter_still_sees_the_signal() {
        let shutdown = Shutdown::new();
        shutdown.trigger();
        shutdown.wait().await;
        assert!(shutdown.clone().is_triggered());
    }

    #[tokio::test(start_paused = true)]
    async fn a_sleep_ends_at_the_signal() {
        let shutdown = Shutdown::new();
        assert!(shutdown.sleep(Duration::from_secs(1)).await);
        shutdown.trigger();
        assert!(!shutdown.sleep(Duration::from_secs(3600)).await);
    }
}
