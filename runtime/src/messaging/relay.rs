//! Takes messages from a service's outbox to the broker.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tracing::Span;

use super::{Bus, BusResult, Envelope};
use crate::context::TraceContext;
use crate::shutdown::Shutdown;
use crate::storage::Database;
use crate::telemetry::{Gauge, Metrics, spans};
use crate::worker::{BoxError, Worker};

const BATCH: u32 = 100;
/// How soon to look again when another instance of the service is publishing.
const HELD: Duration = Duration::from_millis(100);

/// Publishes what was committed to the outbox, in order, and marks it as sent afterwards: a message may be published twice, under the
/// same identifier, but never be lost. Of several instances of a service one at a time does so, so that order is kept; one that is killed
/// leaves the outbox to the others at once.
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

    /// Shows the number of messages that wait as `outbox_messages_waiting`, and what its database has to [show](Database::show): each
    /// service has one relay.
    #[must_use]
    pub fn metrics(mut self, metrics: &Metrics) -> Self {
        self.database.show(metrics);
        self.waiting = Some(metrics.gauge(
            "outbox_messages_waiting",
            "Messages committed but not yet published",
            [],
        ));
        self
    }

    /// Publishes everything that waits now, and says how many messages that were; none while another instance is at it.
    ///
    /// # Errors
    /// When the broker or the store fails; what was not marked is published again next time.
    pub async fn drain(&self) -> BusResult<usize> {
        let mut total = 0;
        while let Some(sent @ 1..) = self.batch().await? {
            total += sent;
        }
        Ok(total)
    }

    /// Publishes until nothing waits, and says whether nobody else was at it.
    async fn relay(&self) -> BusResult<bool> {
        loop {
            match self.batch().await? {
                Some(0) => return Ok(true),
                Some(_) => {}
                None => return Ok(false),
            }
        }
    }

    /// Publishes the oldest messages, and says how many those were; nothing while another instance is at it.
    async fn batch(&self) -> BusResult<Option<usize>> {
        // Only reading, so that nobody waits for it; it lasts until the messages are marked.
        let Some(mut lease) = self.database.relay().await? else {
            return Ok(None);
        };
        let mut messages = lease.transaction().outbox_pending(BATCH).await?;
        let waiting = if messages.len() < BATCH as usize {
            messages.len() as u64
        } else {
            lease.transaction().outbox_size().await?
        };
        self.show(waiting);
        if !messages.is_empty() {
            let _sending = self.traced(&mut messages);
            self.bus.publish(&messages).await?;
            let ids: Vec<_> = messages.iter().map(|message| message.id).collect();
            let mut marking = self.database.begin().await?;
            marking.transaction().outbox_sent(&ids).await?;
            marking.commit().await?;
        }
        lease.rollback().await?;
        Ok(Some(messages.len()))
    }

    /// A span for each message, which it carries on as its parent. What was sent at nobody's request begins a trace.
    fn traced(&self, messages: &mut [Envelope]) -> Vec<Span> {
        let mut spans = Vec::new();
        for message in messages {
            let sender = message.traceparent.as_deref();
            let trace = sender
                .and_then(|sender| TraceContext::parse(sender, None))
                .map_or_else(TraceContext::root, |sender| sender.child());
            let span = spans::producer(&trace, self.bus.name(), message);
            // That a trace is not recorded is passed on as well.
            if !span.is_disabled() || !trace.sampled() {
                message.traceparent = Some(trace.to_header());
                spans.push(span);
            }
        }
        spans
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "what waits is far less than 2^52"
    )]
    fn show(&self, waiting: u64) {
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
            let look = if self.relay().await? {
                self.database.look()
            } else {
                HELD
            };
            tokio::select! {
                () = shutdown.wait() => {
                    // What the last requests committed goes out before the service does.
                    self.drain().await?;
                    return Ok(());
                }
                () = self.database.outbox_filled() => {}
                () = tokio::time::sleep(look) => {}
            }
        }
    }
}
