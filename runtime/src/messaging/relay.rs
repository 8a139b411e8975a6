//! Takes messages from a service's outbox to the broker.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::{Bus, BusResult};
use crate::shutdown::Shutdown;
use crate::storage::Database;
use crate::telemetry::{Gauge, Metrics};
use crate::worker::{BoxError, Worker};

const BATCH: u32 = 100;
/// How often to look without having been woken: another instance of the service may have stopped between commit and publication.
const LOOK: Duration = Duration::from_secs(10);

/// Publishes what was committed to the outbox, in order, and marks it as sent afterwards: a message may be published twice, under the
/// same identifier, but never be lost.
pub struct OutboxRelay {
    database: Database,
    bus: Arc<dyn Bus>,
    waiting: Option<Gauge<0>>,
}

impl OutboxRelay {
    /// A relay from a database to a broker.
    #[must_use]
    pub fn new(database: Database, bus: Arc<dyn Bus>) -> Self {
        Self {
            database,
            bus,
            waiting: None,
        }
    }

    /// Shows the number of messages that wait as `outbox_messages_waiting`.
    #[must_use]
    pub fn metrics(mut self, metrics: &Metrics) -> Self {
        self.waiting = Some(metrics.gauge(
            "outbox_messages_waiting",
            "Messages committed but not yet published",
            [],
        ));
        self
    }

    /// Publishes everything that waits now, and says how many messages that were.
    ///
    /// # Errors
    /// When the broker or the store fails; what was not marked is published again next time.
    pub async fn drain(&self) -> BusResult<usize> {
        let mut total = 0;
        loop {
            let mut reading = self.database.read().await?;
            let messages = reading.transaction().outbox_pending(BATCH).await?;
            reading.rollback().await?;
            if messages.is_empty() {
                self.show(0);
                return Ok(total);
            }
            self.show(messages.len());
            self.bus.publish(&messages).await?;
            let ids: Vec<_> = messages.iter().map(|message| message.id).collect();
            let mut marking = self.database.begin().await?;
            marking.transaction().outbox_sent(&ids).await?;
            marking.commit().await?;
            total += messages.len();
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a batch is small")]
    fn show(&self, waiting: usize) {
        if let Some(gauge) = &self.waiting {
            gauge.set([], waiting as f64);
        }
    }
}

#[async_trait]
impl Worker for OutboxRelay {
    fn name(&self) -> &str {
        "outbox-relay"
    }

    async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
        loop {
            self.drain().await?;
            tokio::select! {
                () = shutdown.wait() => {
                    // What the last requests committed goes out before the service does.
                    self.drain().await?;
                    return Ok(());
                }
                () = self.database.outbox_filled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
}
