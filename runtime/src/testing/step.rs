//! A step of a saga that the service under test takes: asked for as its coordinator asks.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::Utc;
use serde_json::{Value, json};
use uuid::Uuid;

use super::body::parsed;
use super::bus::Dealt;
use super::expectation::{Names, matches};
use super::fixture::Fixture;
use crate::messaging::Envelope;
use crate::saga::{Action, Command, Outcome, Reply, commands_topic, replies_topic};

/// Who asks, in place of a coordinating service.
const ASKING: &str = "test";

/// A step of one saga, which the service can be asked to take and to take back, as often as a test likes.
pub struct Asked<'f> {
    service: &'f Fixture,
    command: Command,
    attempts: AtomicU32,
}

impl<'f> Asked<'f> {
    pub(super) fn new(service: &'f Fixture, saga: &str, step: &str) -> Self {
        Self {
            service,
            command: Command {
                saga: Uuid::now_v7(),
                name: saga.to_owned(),
                definition: 1,
                step: step.to_owned(),
                compensation: None,
                action: Action::Run,
                attempt: 0,
                forward_only: false,
                input: Value::Null,
                reply_to: replies_topic(ASKING),
            },
            attempts: AtomicU32::new(0),
        }
    }

    /// The saga cannot go back any more when it comes to this step: a refusal is not accepted, and counts as a failure.
    #[must_use]
    pub fn forward_only(mut self) -> Self {
        self.command.forward_only = true;
        self
    }

    /// Asks for the step.
    ///
    /// # Panics
    /// When there is no answer, or more than one.
    pub async fn run(&self, input: &str) -> Replied {
        self.ask(Action::Run, parsed(input)).await
    }

    /// Asks to take the step back.
    ///
    /// # Panics
    /// When there is no answer, or more than one.
    pub async fn compensate(&self) -> Replied {
        self.ask(Action::Compensate, Value::Null).await
    }

    async fn ask(&self, action: Action, input: Value) -> Replied {
        let attempt = 1 + self.attempts.fetch_add(1, Ordering::Relaxed);
        let command = Command {
            action,
            attempt,
            input,
            ..self.command.clone()
        };
        let name = self.service.service().name();
        let message = Envelope::new(
            &commands_topic(name),
            "SagaCommand",
            1,
            command.saga.to_string(),
            ASKING,
            Utc::now(),
            json!(command),
        );
        let group = format!("{name}.saga-participant");
        let what = format!("{action:?} of `{}`, attempt {attempt}", command.step);
        let dealt = self.service.deliver(&group, &message).await;
        assert!(dealt == Dealt::Done, "{what}: {dealt:?}");
        let reply = self.reply_to(&message, &what).await;
        assert!(
            (reply.saga, &reply.step, reply.action, reply.attempt)
                == (command.saga, &command.step, action, attempt),
            "{what}: the answer is to something else: {reply:?}"
        );
        Replied {
            what,
            outcome: reply.outcome,
            names: self.service.names(),
        }
    }

    async fn reply_to(&self, message: &Envelope, what: &str) -> Reply {
        let waiting = self.service.waiting().await;
        let mut replies = waiting.iter().filter(|reply| {
            reply.topic == self.command.reply_to && reply.causation_id == Some(message.id)
        });
        let (Some(reply), None) = (replies.next(), replies.next()) else {
            panic!("{what}: one answer was expected, there are none or several");
        };
        reply
            .payload()
            .unwrap_or_else(|error| panic!("{what}: {error}"))
    }
}

/// What the service answered.
#[must_use = "say what is expected: `.done(...)`, `.rejected()` or `.failed()`"]
#[derive(Clone, Debug)]
pub struct Replied {
    what: String,
    outcome: Outcome,
    names: Arc<Mutex<Names>>,
}

impl Replied {
    /// It is done, and gives these members.
    ///
    /// # Panics
    /// When it is not, or gives something else.
    #[track_caller]
    pub fn done(self, expected: &str) {
        let Outcome::Done(output) = &self.outcome else {
            panic!("{}: {:?}", self.what, self.outcome);
        };
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(reason) = matches(&parsed(expected), output, &mut names) {
            panic!("{}: {reason}\n  of {output}", self.what);
        }
    }

    /// The business says no, for good.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn rejected(self) {
        let rejected = matches!(self.outcome, Outcome::Rejected(_));
        assert!(
            rejected,
            "{}: {:?}, expected was a refusal",
            self.what, self.outcome
        );
    }

    /// Nothing was done this time, and another time it may be.
    ///
    /// # Panics
    /// When something else came of it.
    #[track_caller]
    pub fn failed(self) {
        let failed = matches!(self.outcome, Outcome::Failed(_));
        assert!(
            failed,
            "{}: {:?}, expected was a failure",
            self.what, self.outcome
        );
    }
}
