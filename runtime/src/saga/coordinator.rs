//! The worker that leads a service's sagas from step to step.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;

use super::instance::{Instance, Todo};
use super::{
    Action, Command, Definition, Reply, SagaData, SagaFailure, SagaRecord, commands_topic,
    replies_topic,
};
use crate::messaging::delivery::{Failure, Receiver, Reception};
use crate::messaging::{Bus, BusResult, DeliveryPolicy, Envelope};
use crate::problem::{Problem, Result};
use crate::shutdown::Shutdown;
use crate::storage::{Database, StoreError, UnitOfWork};
use crate::telemetry::{Gauge, Metrics};
use crate::worker::{BoxError, Worker};

/// How many timers are looked at in one go.
const BATCH: u32 = 100;
/// How often to look at the timers without having been woken: another instance of the service may have set one.
const LOOK: std::time::Duration = std::time::Duration::from_secs(10);

/// A saga that a service coordinates.
#[async_trait]
pub trait Saga: Send + Sync + 'static {
    /// Its steps. An older version stays registered as a saga of its own until no instance of it runs any more.
    fn definition(&self) -> &'static Definition;

    /// What a step works on, from what the saga has gathered.
    ///
    /// # Errors
    /// When something is missing; the saga does not go on then.
    fn input(&self, step: &str, data: &SagaData) -> Result<Json>;

    /// What happens when the saga is committed, in the transaction that ends it.
    ///
    /// # Errors
    /// The saga does not end then, and is tried again.
    async fn on_success(&self, uow: &mut UnitOfWork, data: &SagaData) -> Result<()> {
        let _ = (uow, data);
        Ok(())
    }

    /// What happens when the saga is compensated, in the transaction that ends it.
    ///
    /// # Errors
    /// The saga does not end then, and is tried again.
    async fn on_failure(
        &self,
        uow: &mut UnitOfWork,
        data: &SagaData,
        failure: &SagaFailure,
    ) -> Result<()> {
        let _ = (uow, data, failure);
        Ok(())
    }
}

/// Starts a saga within a unit of work: it begins when that is committed. Started twice under one identifier, it is one saga.
///
/// # Errors
/// When the input has no JSON form, or the first step's input cannot be made of it.
pub async fn start<S: Saga + ?Sized>(
    uow: &mut UnitOfWork,
    saga: &S,
    id: Uuid,
    input: &(impl Serialize + Sync),
) -> Result<()> {
    let input = serde_json::to_value(input).map_err(Problem::internal)?;
    let definition = saga.definition();
    let now = uow.now();
    let data = SagaData {
        id,
        input,
        outputs: BTreeMap::new(),
    };
    let (instance, todo) = Instance::start(definition, data, now);
    let record = record(definition, &instance, 1, now)?;
    if uow.transaction().saga_insert(&record).await? {
        carry_out(uow, saga, &instance, todo).await?;
        uow.timer_set();
        tracing::info!(saga.id = %id, saga.name = definition.name, "saga started");
    }
    Ok(())
}

/// The background work of a service that coordinates sagas: it takes the replies and watches the timers.
pub struct Coordinator {
    replies: Reception<Replies>,
    counts: Option<Gauge<2>>,
}

#[derive(Default)]
struct Sagas(BTreeMap<(&'static str, u32), Arc<dyn Saga>>);

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
            counts: None,
        }
    }

    /// Adds a saga, in one version.
    #[must_use]
    pub fn saga(mut self, saga: impl Saga) -> Self {
        let definition = saga.definition();
        self.replies
            .receiver_mut()
            .sagas
            .0
            .insert((definition.name, definition.version), Arc::new(saga));
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

    async fn watch(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
        let database = &self.replies.receiver().database;
        loop {
            while self.fire_due().await? > 0 {}
            let mut reading = database.read().await?;
            let next = reading.transaction().sagas_next_due().await?;
            let counts = if self.counts.is_some() {
                reading.transaction().sagas_count().await?
            } else {
                Vec::new()
            };
            reading.rollback().await?;
            self.show(&counts);
            let due = async {
                match next {
                    Some(moment) => database.clock().sleep_until(moment).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = shutdown.wait() => return Ok(()),
                () = database.timer_set() => {}
                () = due => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
    fn show(&self, counts: &[super::SagaCount]) {
        let Some(gauge) = &self.counts else { return };
        for (name, _) in self.replies.receiver().sagas.0.keys() {
            for status in [
                "running",
                "compensating",
                "stuck",
                "committed",
                "compensated",
            ] {
                let found = counts
                    .iter()
                    .find(|count| count.name == *name && count.status == status);
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

    async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
        tokio::try_join!(self.replies.run(shutdown), self.watch(shutdown))?;
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

impl Replies {
    /// Moves a saga by a reply, or by the clock, in one transaction.
    async fn advance(&self, id: Uuid, reply: Option<(&Envelope, &Reply)>) -> Result<()> {
        let mut uow = self.database.begin().await?;
        let Some(stored) = uow.transaction().saga_load(id).await? else {
            tracing::warn!(saga.id = %id, "reply to a saga that is not known here");
            return Ok(uow.rollback().await?);
        };
        let saga = self.sagas.find(&stored)?;
        let definition = saga.definition();
        let mut instance: Instance = serde_json::from_value(stored.body.clone())
            .map_err(|e| StoreError::corrupt("a saga", e))?;
        let before = instance.clone();
        let now = uow.now();
        let todo = match reply {
            Some((message, reply)) => {
                uow.caused_by(message.id);
                instance.reply(definition, reply, now)
            }
            None => instance.timer(definition, now),
        };
        if instance == before {
            uow.rollback().await?;
            // A timer that has nothing to say any more must not be looked at for ever.
            return if reply.is_none() {
                self.postpone(id).await
            } else {
                Ok(())
            };
        }
        carry_out(&mut uow, saga, &instance, todo).await?;
        let record = record(
            definition,
            &instance,
            stored.revision + 1,
            stored.started_at,
        )?;
        save(&mut uow, &record).await?;
        uow.timer_set();
        Ok(uow.commit().await?)
    }

    /// Looks at a saga again later that could not go on now.
    async fn postpone(&self, id: Uuid) -> Result<()> {
        let mut uow = self.database.begin().await?;
        let Some(mut stored) = uow.transaction().saga_load(id).await? else {
            return Ok(uow.rollback().await?);
        };
        stored.wake_at = Some(uow.now() + LOOK);
        stored.revision += 1;
        save(&mut uow, &stored).await?;
        Ok(uow.commit().await?)
    }
}

impl Sagas {
    fn find(&self, stored: &SagaRecord) -> Result<&dyn Saga> {
        let found = self
            .0
            .iter()
            .find(|((name, version), _)| *name == stored.name && *version == stored.definition);
        found.map(|(_, saga)| &**saga).ok_or_else(|| {
            Problem::internal(format!(
                "saga `{}` of version {} is not known here",
                stored.name, stored.definition
            ))
        })
    }
}

async fn save(uow: &mut UnitOfWork, record: &SagaRecord) -> Result<()> {
    if uow.transaction().saga_save(record).await? {
        return Ok(());
    }
    let expected = record.revision - 1;
    Err(StoreError::Changed {
        table: "msarch_sagas".to_owned(),
        id: record.id.to_string(),
        expected,
    }
    .into())
}

/// Does what a transition asks for, in its transaction.
async fn carry_out<S: Saga + ?Sized>(
    uow: &mut UnitOfWork,
    saga: &S,
    instance: &Instance,
    todo: Vec<Todo>,
) -> Result<()> {
    let data = &instance.data;
    for todo in todo {
        match todo {
            Todo::Send {
                step,
                action,
                attempt,
            } => send(uow, saga, data, step, action, attempt)?,
            Todo::Committed => {
                tracing::info!(saga.id = %data.id, saga.name = saga.definition().name, "saga committed");
                saga.on_success(uow, data).await?;
            }
            Todo::Compensated(failure) => {
                let name = saga.definition().name;
                tracing::warn!(saga.id = %data.id, saga.name = name, saga.step = failure.step, reason = failure.reason, "saga compensated");
                saga.on_failure(uow, data, &failure).await?;
            }
        }
    }
    Ok(())
}

fn send<S: Saga + ?Sized>(
    uow: &mut UnitOfWork,
    saga: &S,
    data: &SagaData,
    step: usize,
    action: Action,
    attempt: u32,
) -> Result<()> {
    let definition = saga.definition();
    let taken = &definition.steps[step];
    let command = Command {
        saga: data.id,
        name: definition.name.to_owned(),
        definition: definition.version,
        step: taken.name.to_owned(),
        compensation: taken.compensation.map(ToOwned::to_owned),
        action,
        attempt,
        forward_only: definition.forward_only(step),
        input: if action == Action::Run {
            saga.input(taken.name, data)?
        } else {
            Json::Null
        },
        reply_to: replies_topic(uow.service()),
    };
    let payload = serde_json::to_value(command).map_err(Problem::internal)?;
    let (topic, key) = (commands_topic(taken.service), data.id.to_string());
    let envelope = Envelope::new(
        &topic,
        "SagaCommand",
        1,
        key,
        uow.service(),
        uow.now(),
        payload,
    );
    uow.send(envelope);
    Ok(())
}

fn record(
    definition: &Definition,
    instance: &Instance,
    revision: i64,
    started_at: DateTime<Utc>,
) -> Result<SagaRecord> {
    Ok(SagaRecord {
        id: instance.data.id,
        name: definition.name.to_owned(),
        definition: definition.version,
        status: instance.status().to_owned(),
        revision,
        wake_at: instance.wake_at(definition),
        started_at,
        body: serde_json::to_value(instance).map_err(Problem::internal)?,
    })
}
