//! The worker that takes a service's part in sagas.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tracing::Instrument;

use super::forgetting::Forgotten;
use super::participation::{Decision, Participation, decide};
use super::{
    Action, AskedFor, Command, Completed, Faults, Outcome, ParticipationRecord, Provoked, Reply,
    Step, StepError, commands_topic,
};
use crate::context::RequestContext;
use crate::messaging::delivery::{Failure, Receiver, Reception};
use crate::messaging::{Bus, BusResult, DeliveryPolicy, Envelope};
use crate::shutdown::Shutdown;
use crate::storage::{Database, StoreError, UndoLog, UnitOfWork};
use crate::telemetry::{Metrics, spans};
use crate::worker::{BoxError, Worker};

/// A service's part in sagas: every step that it takes.
pub struct Participant(Reception<Commands>);

struct Commands {
    database: Database,
    topic: String,
    name: String,
    steps: BTreeMap<(&'static str, &'static str), Box<dyn AnyStep>>,
    faults: Arc<dyn Faults>,
}

impl Participant {
    /// A service without steps yet.
    #[must_use]
    pub fn new(database: Database, bus: Arc<dyn Bus>) -> Self {
        let service = database.service().to_owned();
        let commands = Commands {
            database,
            topic: commands_topic(&service),
            name: format!("{service}.saga-participant"),
            steps: BTreeMap::new(),
            faults: Arc::new(AskedFor),
        };
        Self(Reception::new(commands, bus))
    }

    /// Adds a step that the service takes.
    #[must_use]
    pub fn step<S: Step>(mut self, step: S) -> Self {
        self.0
            .receiver_mut()
            .steps
            .insert((S::SAGA, S::NAME), Box::new(Typed(step, PhantomData)));
        self
    }

    /// Another source of provoked failures.
    #[must_use]
    pub fn faults(mut self, faults: impl Faults) -> Self {
        self.0.receiver_mut().faults = Arc::new(faults);
        self
    }

    /// Another policy for commands that cannot even be answered.
    #[must_use]
    pub fn policy(mut self, policy: DeliveryPolicy) -> Self {
        self.0.set_policy(policy);
        self
    }

    /// Counts deliveries as `messages_received_total`.
    #[must_use]
    pub fn metrics(mut self, metrics: &Metrics) -> Self {
        self.0.set_metrics(metrics);
        self
    }

    /// Answers every command that is there now, and says how many those were.
    ///
    /// # Errors
    /// When the broker fails.
    pub async fn drain(&self) -> BusResult<usize> {
        self.0.drain().await
    }
}

#[async_trait]
impl Worker for Participant {
    fn name(&self) -> &str {
        "saga-participant"
    }

    fn waits_for(&self) -> Option<String> {
        self.0.waits_for()
    }

    async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
        self.0.run(shutdown).await
    }
}

#[async_trait]
impl Receiver for Commands {
    fn name(&self) -> &str {
        &self.name
    }

    fn topic(&self) -> &str {
        &self.topic
    }

    async fn receive(&self, message: &Envelope) -> Result<(), Failure> {
        if message.name == Forgotten::NAME {
            return self.forget(message).await;
        }
        let command: Command = message
            .payload()
            .map_err(|error| Failure::Never(error.into()))?;
        let result = match self.provoked(&command) {
            // No answer, ever: the coordinator's deadline decides.
            Some(Provoked::Hang) => return Ok(()),
            Some(Provoked::Reject) => Err(StepError::reject("refused on purpose")),
            Some(Provoked::Error) => Err(StepError::Error("failed on purpose".into())),
            None => self.traced(message, &command).await,
        };
        match result {
            Ok(()) => Ok(()),
            Err(StepError::Reject(reason))
                if command.action == Action::Run && !command.forward_only =>
            {
                self.refuse(message, &command, reason).await
            }
            Err(error) => self.report(message, &command, &error).await,
        }
    }
}

impl Commands {
    fn provoked(&self, command: &Command) -> Option<Provoked> {
        let place = match command.action {
            Action::Run => &command.step,
            Action::Compensate => command.compensation.as_ref().unwrap_or(&command.step),
            Action::Settle => return None,
        };
        self.faults.strike(self.database.service(), place)
    }

    /// Forgets a saga that ended long ago.
    async fn forget(&self, message: &Envelope) -> Result<(), Failure> {
        let Forgotten { saga } = message
            .payload()
            .map_err(|error| Failure::Never(error.into()))?;
        let mut uow = self.database.begin().await?;
        uow.transaction().participations_delete(saga).await?;
        Ok(uow.commit().await?)
    }

    /// Does what the command says, as a span of its own.
    async fn traced(&self, message: &Envelope, command: &Command) -> Result<(), StepError> {
        let context = RequestContext::current().child();
        let action = match command.action {
            Action::Run => "run",
            Action::Compensate => "compensate",
            Action::Settle => "settle",
        };
        let (saga, step) = (&command.name, &command.step);
        let span = spans::saga(
            &context.trace,
            saga,
            command.saga,
            &format!("{action} {step}"),
        );
        let work = context.scope(self.obey(message, command));
        let outcome = work.instrument(span.clone()).await;
        match &outcome {
            Ok(()) => {}
            Err(StepError::Reject(reason)) => spans::failed(&span, "rejected", reason),
            Err(error) => spans::failed(&span, "failed", &error.to_string()),
        }
        outcome
    }

    /// Does what the command says and answers, in one transaction.
    async fn obey(&self, message: &Envelope, command: &Command) -> Result<(), StepError> {
        let mut uow = self.database.begin().await?;
        uow.caused_by(message.id);
        let known = load(&mut uow, command).await?;
        let outcome = match decide(known, command.action) {
            Decision::Answer(outcome) => outcome,
            Decision::Close(outcome) => {
                save(&mut uow, command, &Participation::Closed).await?;
                outcome
            }
            Decision::Run => {
                uow.record_undo();
                let output = self
                    .find(command)?
                    .run(&mut uow, command.input.clone())
                    .await?;
                let undo = uow.take_undo();
                let done = Participation::Done {
                    input: command.input.clone(),
                    output: output.clone(),
                    undo,
                };
                save(&mut uow, command, &done).await?;
                Outcome::Done(output)
            }
            Decision::Compensate {
                input,
                output,
                undo,
            } => {
                self.find(command)?
                    .compensate(&mut uow, input, output, undo)
                    .await?;
                save(&mut uow, command, &Participation::Closed).await?;
                Outcome::Done(Json::Null)
            }
        };
        answer(&mut uow, command, outcome)?;
        Ok(uow.commit().await?)
    }

    /// Notes a refusal for ever and answers with it; unless the step was dealt with in between.
    async fn refuse(
        &self,
        message: &Envelope,
        command: &Command,
        reason: String,
    ) -> Result<(), Failure> {
        let mut uow = self.database.begin().await?;
        uow.caused_by(message.id);
        let outcome = match decide(load(&mut uow, command).await?, command.action) {
            Decision::Answer(outcome) => outcome,
            _ => {
                save(
                    &mut uow,
                    command,
                    &Participation::Rejected {
                        reason: reason.clone(),
                    },
                )
                .await?;
                Outcome::Rejected(reason)
            }
        };
        answer(&mut uow, command, outcome)?;
        Ok(uow.commit().await?)
    }

    /// Answers that nothing was done this time.
    async fn report(
        &self,
        message: &Envelope,
        command: &Command,
        error: &StepError,
    ) -> Result<(), Failure> {
        let cause = std::error::Error::source(error);
        let reason = cause.map_or_else(|| error.to_string(), ToString::to_string);
        tracing::warn!(saga.id = %command.saga, saga.step = command.step, action = ?command.action, error = reason, "saga step failed");
        let mut uow = self.database.begin().await?;
        uow.caused_by(message.id);
        answer(&mut uow, command, Outcome::Failed(reason))?;
        Ok(uow.commit().await?)
    }

    fn find(&self, command: &Command) -> Result<&dyn AnyStep, StepError> {
        self.steps
            .iter()
            .find(|((saga, step), _)| *saga == command.name && *step == command.step)
            .map(|(_, step)| &**step)
            .ok_or_else(|| {
                StepError::Error(
                    format!("no step `{}` of `{}` here", command.step, command.name).into(),
                )
            })
    }
}

async fn load(
    uow: &mut UnitOfWork,
    command: &Command,
) -> Result<Option<Participation>, StoreError> {
    let record = uow
        .transaction()
        .participation_load(command.saga, &command.step)
        .await?;
    let parse = |record: ParticipationRecord| {
        serde_json::from_value(record.body).map_err(|e| StoreError::corrupt("a participation", e))
    };
    record.map(parse).transpose()
}

async fn save(
    uow: &mut UnitOfWork,
    command: &Command,
    participation: &Participation,
) -> Result<(), StoreError> {
    let record = ParticipationRecord {
        saga: command.saga,
        step: command.step.clone(),
        status: match participation {
            Participation::Done { .. } => "done",
            Participation::Rejected { .. } => "rejected",
            Participation::Closed => "closed",
        }
        .to_owned(),
        body: serde_json::to_value(participation)
            .map_err(|e| StoreError::corrupt("a participation", e))?,
        updated_at: uow.now(),
    };
    uow.transaction().participation_save(&record).await
}

fn answer(uow: &mut UnitOfWork, command: &Command, outcome: Outcome) -> Result<(), StoreError> {
    let reply = Reply {
        saga: command.saga,
        step: command.step.clone(),
        action: command.action,
        attempt: command.attempt,
        outcome,
    };
    let payload = serde_json::to_value(reply).map_err(|e| StoreError::corrupt("a reply", e))?;
    let key = command.saga.to_string();
    let envelope = Envelope::new(
        &command.reply_to,
        "SagaReply",
        1,
        key,
        uow.service(),
        uow.now(),
        payload,
    );
    uow.send(envelope);
    Ok(())
}

/// A step whose types are known to itself only.
#[async_trait]
trait AnyStep: Send + Sync {
    async fn run(&self, uow: &mut UnitOfWork, input: Json) -> Result<Json, StepError>;
    async fn compensate(
        &self,
        uow: &mut UnitOfWork,
        input: Json,
        output: Json,
        undo: UndoLog,
    ) -> Result<(), StepError>;
}

struct Typed<S>(S, PhantomData<S>);

#[async_trait]
impl<S: Step> AnyStep for Typed<S> {
    async fn run(&self, uow: &mut UnitOfWork, input: Json) -> Result<Json, StepError> {
        // What does not fit now will not fit later either.
        let input = parse(input)
            .map_err(|error| StepError::Reject(format!("the input does not fit: {error}")))?;
        let output = self.0.run(uow, input).await?;
        serde_json::to_value(output).map_err(|error| StepError::Error(error.into()))
    }

    async fn compensate(
        &self,
        uow: &mut UnitOfWork,
        input: Json,
        output: Json,
        undo: UndoLog,
    ) -> Result<(), StepError> {
        let failed = |error: serde_json::Error| StepError::Error(error.into());
        let completed = Completed {
            input: parse(input).map_err(failed)?,
            output: parse(output).map_err(failed)?,
            undo,
        };
        self.0.compensate(uow, completed).await
    }
}

fn parse<T: DeserializeOwned>(json: Json) -> Result<T, serde_json::Error> {
    serde_json::from_value(json)
}
