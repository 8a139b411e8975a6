//! One transition of a saga: what it stores and what it sends, in one transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tracing::Instrument;
use uuid::Uuid;

use super::instance::{Instance, Todo};
use super::origin::Origin;
use super::step::is_refusal;
use super::{
    Action, Command, Definition, Reply, Saga, SagaData, SagaRecord, commands_topic, replies_topic,
};
use crate::context::RequestContext;
use crate::messaging::Envelope;
use crate::problem::{Problem, Result, chain};
use crate::storage::{StoreError, StoreResult, UnitOfWork};
use crate::telemetry::spans;

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
    if RequestContext::try_current().is_some() {
        return begin(uow, saga, id, input).await;
    }
    // At nobody's request: a trace begins here, and goes on through all steps as any other does.
    let context = RequestContext::root();
    let span = spans::saga(&context.trace, saga.definition().name, id, "starts");
    let work = context.scope(begin(uow, saga, id, input));
    work.instrument(span).await
}

async fn begin<S: Saga + ?Sized>(
    uow: &mut UnitOfWork,
    saga: &S,
    id: Uuid,
    input: Json,
) -> Result<()> {
    let definition = saga.definition();
    let now = uow.now();
    let data = SagaData {
        id,
        input,
        outputs: BTreeMap::new(),
    };
    let (instance, todo) = Instance::start(definition, data, now);
    let running = Running {
        instance,
        origin: Some(Origin::current()),
        revision: 1,
        started_at: now,
    };
    if uow
        .transaction()
        .saga_insert(&running.record(definition, now)?)
        .await?
    {
        carry_out(uow, saga, &running.instance, todo).await?;
        uow.timer_set();
        tracing::info!(saga.id = %id, saga.name = definition.name, "saga started");
    }
    Ok(())
}

/// A saga as it was stored.
pub(super) struct Running {
    instance: Instance,
    origin: Option<Origin>,
    revision: i64,
    started_at: DateTime<Utc>,
}

/// What became of a saga.
pub(super) enum Moved {
    /// Nothing.
    Not,
    /// It went on, which is to be committed.
    On,
    /// What it does at its end was refused. Whatever was done for that is to be rolled back, and the saga kept as it is now.
    Refused(Refusal),
}

/// Why a saga that is through with its steps cannot end.
pub(super) struct Refusal {
    problem: Problem,
    first: bool,
}

/// The part of it that is one JSON document.
#[derive(Serialize, Deserialize)]
struct Body {
    #[serde(flatten)]
    instance: Instance,
    origin: Option<Origin>,
}

impl Running {
    pub(super) fn of(stored: &SagaRecord) -> StoreResult<Self> {
        let body: Body = serde_json::from_value(stored.body.clone())
            .map_err(|e| StoreError::corrupt("a saga", e))?;
        Ok(Self {
            instance: body.instance,
            origin: body.origin,
            revision: stored.revision,
            started_at: stored.started_at,
        })
    }

    /// Where it comes from.
    pub(super) fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Moves it by a reply, or by the clock.
    pub(super) async fn advance(
        &mut self,
        uow: &mut UnitOfWork,
        saga: &dyn Saga,
        reply: Option<&Reply>,
    ) -> Result<Moved> {
        let (definition, now) = (saga.definition(), uow.now());
        let before = self.instance.clone();
        let todo = match reply {
            Some(reply) => self.instance.reply(definition, reply, now),
            None => self.instance.timer(definition, now),
        };
        if self.instance == before {
            return Ok(Moved::Not);
        }
        if let Err(problem) = carry_out(uow, saga, &self.instance, todo).await {
            if !self.instance.has_ended() || !is_refusal(&problem) {
                return Err(problem);
            }
            let first = self.instance.refused(&before, now);
            return Ok(Moved::Refused(Refusal { problem, first }));
        }
        self.store(uow, definition).await?;
        Ok(Moved::On)
    }

    /// Keeps what it has become.
    pub(super) async fn store(
        &mut self,
        uow: &mut UnitOfWork,
        definition: &Definition,
    ) -> Result<()> {
        self.revision += 1;
        save(uow, &self.record(definition, uow.now())?).await?;
        uow.timer_set();
        Ok(())
    }

    /// Tells that it has ended, once that is committed.
    pub(super) fn tell(&self, saga: &dyn Saga) {
        let (id, name) = (self.instance.data.id, saga.definition().name);
        match self.instance.status() {
            "committed" => tracing::info!(saga.id = %id, saga.name = name, "saga committed"),
            "compensated" => {
                let failure = self.instance.failure();
                tracing::warn!(saga.id = %id, saga.name = name, saga.step = failure.step, reason = failure.reason, "saga compensated");
            }
            _ => {}
        }
    }

    /// Tells that it cannot end, once.
    pub(super) fn tell_refused(&self, saga: &dyn Saga, refusal: &Refusal) {
        let (id, name) = (self.instance.data.id, saga.definition().name);
        let error = chain(&refusal.problem);
        if refusal.first {
            tracing::error!(saga.id = %id, saga.name = name, error, "saga stuck: what it does at its end is refused");
        } else {
            tracing::debug!(saga.id = %id, saga.name = name, error, "saga still stuck: what it does at its end is refused");
        }
    }

    fn record(&self, definition: &Definition, now: DateTime<Utc>) -> Result<SagaRecord> {
        let body = Body {
            instance: self.instance.clone(),
            origin: self.origin.clone(),
        };
        Ok(SagaRecord {
            id: self.instance.data.id,
            name: definition.name.to_owned(),
            definition: definition.version,
            status: self.instance.status().to_owned(),
            revision: self.revision,
            wake_at: self.instance.wake_at(definition),
            started_at: self.started_at,
            ended_at: self.instance.has_ended().then_some(now),
            body: serde_json::to_value(body).map_err(Problem::internal)?,
        })
    }
}

/// Keeps a saga, unless another writer was faster.
pub(super) async fn save(uow: &mut UnitOfWork, record: &SagaRecord) -> Result<()> {
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
            Todo::Committed => saga.on_success(uow, data).await?,
            Todo::Compensated(failure) => saga.on_failure(uow, data, &failure).await?,
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
