//! The worker that leads a service's sagas from step to step.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use super::behaviour::Sagas;
use super::forgetting::forget_ended;
use super::origin::Origin;
use super::transition::{Moved, Running, save};
use super::{Reply, Saga, SagaCount, SagaRecord, replies_topic};
use crate::messaging::delivery::{Failure, Receiver, Reception};
use crate::messaging::{Bus, BusResult, DeliveryPolicy, Envelope};
use crate::problem::Result;
use crate::shutdown::Shutdown;
use crate::storage::{Database, Retention, UnitOfWork, before};
use crate::telemetry::{Gauge, Metrics, spans};
use crate::worker::{BoxError, Worker};

/// How many timers are looked at in one go.
const BATCH: u32 = 100;
/// How long a saga that could not go on is left alone.
const LATER: Duration = Duration::from_secs(10);
/// How often to count sagas, which reads all of them, where nothing happens here.
const COUNT: Duration = Duration::from_secs(10);
/// How often to forget what is old.
const TIDY: Duration = Duration::from_secs(3600);

/// The background work of a service that coordinates sagas: it takes the replies and watches the timers.
pub struct Coordinator {
    replies: Reception<Replies>,
    retention: Duration,
    counts: Option<Gauge<2>>,
}

struct Replies {
    database: Database,
    topic: String,
    name: String,
    sagas: Sagas,
}

impl Coordinator {
    /// A coordinator without sagas yet.
    #[must_use]
    pub fn new(database: Database, bus: Arc<dyn Bus>) -> Self {
        let service = database.service().to_owned();
        let replies = Replies {
            database,
            topic: replies_topic(&service),
            name: format!("{service}.saga-coordinator"),
            sagas: Sagas::default(),
        };
        Self {
            replies: Reception::new(replies, bus),
            retention: Retention::default().sagas,
            counts: None,
        }
    }

    /// Adds a saga, in one version.
    #[must_use]
    pub fn saga(mut self, saga: impl Saga) -> Self {
        self.replies.receiver_mut().sagas.add(saga);
        self
    }

    /// How long a saga is remembered after its end: thirty days if nothing is said. It must be longer than the broker keeps
    /// messages, so that no command comes back after the saga was forgotten.
    #[must_use]
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// Another policy for replies that cannot be worked on.
    #[must_use]
    pub fn policy(mut self, policy: DeliveryPolicy) -> Self {
        self.replies.set_policy(policy);
        self
    }

    /// Shows sagas by name and status as `sagas`, and counts deliveries as `messages_received_total`.
    #[must_use]
    pub fn metrics(mut self, metrics: &Metrics) -> Self {
        self.replies.set_metrics(metrics);
        let help = "Sagas by status: running, compensating, stuck, committed, compensated";
        self.counts = Some(metrics.gauge("sagas", help, ["saga", "status"]));
        self
    }

    /// Takes every reply that is there now, and says how many those were.
    ///
    /// # Errors
    /// When the broker fails.
    pub async fn drain(&self) -> BusResult<usize> {
        self.replies.drain().await
    }

    /// Does what is due by the clock, and says how many sagas that moved.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn fire_due(&self) -> Result<usize> {
        let replies = self.replies.receiver();
        let mut reading = replies.database.read().await?;
        let now = reading.now();
        let due = reading.transaction().sagas_due(now, BATCH).await?;
        reading.rollback().await?;
        for id in &due {
            // One saga that cannot go on must not keep the others from it.
            if let Err(error) = replies.advance(*id, None).await {
                tracing::error!(saga.id = %id, error = %error, "saga timer failed");
                replies.postpone(*id).await?;
            }
        }
        Ok(due.len())
    }

    /// Forgets the sagas whose retention is over, and says how many those were.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_ended(&self) -> Result<usize> {
        let Replies {
            database, sagas, ..
        } = self.replies.receiver();
        let Some(before) = before(database.clock().now(), self.retention) else {
            return Ok(0);
        };
        let mut total = 0;
        loop {
            match forget_ended(database, sagas, before).await? {
                0 => return Ok(total),
                some => total += some,
            }
        }
    }

    async fn tidy(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
        loop {
            self.forget_ended().await?;
            if !shutdown.sleep(TIDY).await {
                return Ok(());
            }
        }
    }

    async fn watch(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
        let database = &self.replies.receiver().database;
        let mut counted: Option<Instant> = None;
        loop {
            while self.fire_due().await? > 0 {}
            let mut reading = database.read().await?;
            let next = reading.transaction().sagas_next_due().await?;
            if self.counts.is_some() && counted.is_none_or(|moment| moment.elapsed() >= COUNT) {
                self.show(&reading.transaction().sagas_count().await?);
                counted = Some(Instant::now());
            }
            reading.rollback().await?;
            let due = async {
                match next {
                    Some(moment) => database.clock().sleep_until(moment).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = shutdown.wait() => return Ok(()),
                () = database.timer_set() => counted = None,
                () = due => counted = None,
                () = tokio::time::sleep(database.look()) => {}
            }
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
    fn show(&self, counts: &[SagaCount]) {
        let Some(gauge) = &self.counts else { return };
        for name in self.replies.receiver().sagas.names() {
            for status in [
                "running",
                "compensating",
                "stuck",
                "committed",
                "compensated",
            ] {
                let found = counts
                    .iter()
                    .find(|count| count.name == name && count.status == status);
                gauge.set(
                    [name, status],
                    found.map_or(0.0, |count| count.count as f64),
                );
            }
        }
    }
}

#[async_trait]
impl Worker for Coordinator {
    fn name(&self) -> &str {
        "saga-coordinator"
    }

    fn waits_for(&self) -> Option<String> {
        self.replies.waits_for()
    }

    async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
        tokio::try_join!(
            self.replies.run(shutdown),
            self.watch(shutdown),
            self.tidy(shutdown)
        )?;
        Ok(())
    }
}

#[async_trait]
impl Receiver for Replies {
    fn name(&self) -> &str {
        &self.name
    }

    fn topic(&self) -> &str {
        &self.topic
    }

    async fn receive(&self, message: &Envelope) -> Result<(), Failure> {
        let reply: Reply = message
            .payload()
            .map_err(|error| Failure::Never(error.into()))?;
        Ok(self.advance(reply.saga, Some((message, &reply))).await?)
    }
}

/// Whether a saga's timer has run out.
fn is_due(saga: &SagaRecord, now: DateTime<Utc>) -> bool {
    saga.wake_at.is_some_and(|moment| moment <= now)
}

impl Replies {
    /// Moves a saga by a reply, or by the clock, in one transaction.
    async fn advance(&self, id: Uuid, reply: Option<(&Envelope, &Reply)>) -> Result<()> {
        let mut uow = self.database.begin().await?;
        let Some(stored) = uow.transaction().saga_load(id).await? else {
            tracing::warn!(saga.id = %id, "reply to a saga that is not known here");
            return Ok(uow.rollback().await?);
        };
        if reply.is_none() && !is_due(&stored, uow.now()) {
            // Another instance of the service was faster.
            return Ok(uow.rollback().await?);
        }
        let saga = self.sagas.find(&stored)?;
        let running = Running::of(&stored)?;
        let moved = match (reply, running.origin().map(Origin::context)) {
            (Some((message, reply)), _) => {
                uow.caused_by(message.id);
                self.go_on(uow, saga, running, Some(reply)).await?
            }
            // Nobody's trace goes on here, so that the saga's own does.
            (None, Some(origin)) => {
                let span = spans::saga(&origin.trace, &stored.name, id, "goes on by the clock");
                let work = origin.scope(self.go_on(uow, saga, running, None));
                work.instrument(span).await?
            }
            (None, None) => self.go_on(uow, saga, running, None).await?,
        };
        // A timer that has nothing to say any more must not be looked at for ever.
        if !moved && reply.is_none() {
            self.postpone(id).await?;
        }
        Ok(())
    }

    /// Moves a saga that was read, and keeps what became of it. Says whether that is anything else.
    async fn go_on(
        &self,
        mut uow: UnitOfWork,
        saga: &dyn Saga,
        mut running: Running,
        reply: Option<&Reply>,
    ) -> Result<bool> {
        match running.advance(&mut uow, saga, reply).await? {
            Moved::Not => {
                uow.rollback().await?;
                Ok(false)
            }
            Moved::On => {
                uow.commit().await?;
                running.tell(saga);
                Ok(true)
            }
            // Delivering the reply again would be refused again: the saga keeps it, and waits for its timer.
            Moved::Refused(refusal) => {
                uow.rollback().await?;
                let mut uow = self.database.begin().await?;
                running.store(&mut uow, saga.definition()).await?;
                uow.commit().await?;
                running.tell_refused(saga, &refusal);
                Ok(true)
            }
        }
    }

    /// Looks at a saga again later that could not go on now.
    async fn postpone(&self, id: Uuid) -> Result<()> {
        let mut uow = self.database.begin().await?;
        let Some(mut stored) = uow.transaction().saga_load(id).await? else {
            return Ok(uow.rollback().await?);
        };
        if !is_due(&stored, uow.now()) {
            return Ok(uow.rollback().await?);
        }
        stored.wake_at = Some(uow.now() + LATER);
        stored.revision += 1;
        save(&mut uow, &stored).await?;
        Ok(uow.commit().await?)
    }
}
