//! Work that runs beside the requests for as long as the service lives: relays, consumers, timers.
//!
//! ```
//! use msarch_runtime::shutdown::Shutdown;
//! use msarch_runtime::worker::{BoxError, Worker};
//! use std::time::Duration;
//!
//! struct Tick;
//!
//! #[async_trait::async_trait]
//! impl Worker for Tick {
//!     fn name(&self) -> &str {
//!         "tick"
//!     }
//!
//!     async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
//!         while shutdown.sleep(Duration::from_secs(1)).await {
//!             tracing::info!("tick");
//!         }
//!         Ok(())
//!     }
//! }
//! ```

mod supervise;

use std::sync::Arc;

use async_trait::async_trait;

use crate::shutdown::Shutdown;

pub(crate) use supervise::{panic_message, supervise};

/// Any error, where the only thing left to do with it is to log it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// One piece of background work. It is run again, after a growing pause, when it fails or panics.
#[async_trait]
pub trait Worker: Send + Sync + 'static {
    /// What the log and the metrics call it.
    fn name(&self) -> &str;

    /// What it waits for that is not available, so that it does not get on.
    fn waits_for(&self) -> Option<String> {
        None
    }

    /// Works until the shutdown is triggered, then returns in order.
    ///
    /// # Errors
    /// Whatever keeps it from working now; it is logged and the worker is run again.
    async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError>;
}

#[async_trait]
impl<W: Worker + ?Sized> Worker for Arc<W> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn waits_for(&self) -> Option<String> {
        (**self).waits_for()
    }

    async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
        (**self).run(shutdown).await
    }
}
