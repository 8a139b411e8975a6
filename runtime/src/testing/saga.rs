//! A saga that the service under test leads: its commands, answered by the test in the participants' place.

use std::collections::BTreeSet;

use chrono::Utc;
use serde_json::{Value, json};
use uuid::Uuid;

use super::body::parsed;
use super::bus::Dealt;
use super::expectation::{Names, matches};
use super::fixture::{Fixture, must};
use crate::messaging::Envelope;
use crate::saga::{Action, Command, Outcome, Reply, commands_topic, replies_topic};

/// What a participant says that refuses.
pub const REFUSAL: &str = "the test says no";

/// A step as its saga declares it: what the coordinator has to ask, and what a test answers.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// The step.
    pub step: &'static str,
    /// Who takes it.
    pub service: &'static str,
    /// What takes it back.
    pub compensation: Option<&'static str>,
    /// What it is to work on, as JSON.
    pub input: &'static str,
    /// What it gives here, as JSON.
    pub output: &'static str,
}

/// A saga under way. Each answer comes twice, as messages do.
pub struct Led<'f> {
    service: &'f Fixture,
    id: Uuid,
    /// The messages that were looked at.
    known: BTreeSet<Uuid>,
    /// What was asked last, and not answered yet.
    asked: Option<Envelope>,
}

impl<'f> Led<'f> {
    pub(super) async fn find(service: &'f Fixture, saga: &str) -> Led<'f> {
        let mut led = Self {
            service,
            id: Uuid::nil(),
            known: BTreeSet::new(),
            asked: None,
        };
        led.look().await;
        let Some(asked) = &led.asked else {
            panic!("no saga was started");
        };
        let command = command(asked);
        assert_eq!(command.name, saga, "another saga was started");
        led.id = command.saga;
        led
    }

    /// A step is asked for, and taken.
    ///
    /// # Panics
    /// When something else is asked for.
    pub async fn takes(&mut self, step: &Declared) {
        self.runs(step);
        self.answer(Outcome::Done(parsed(step.output))).await;
    }

    /// A step is asked for, and refused.
    ///
    /// # Panics
    /// When something else is asked for.
    pub async fn refuses(&mut self, step: &Declared) {
        self.runs(step);
        self.answer(Outcome::Rejected(REFUSAL.to_owned())).await;
    }

    /// It is asked to take a step back, and that is done.
    ///
    /// # Panics
    /// When something else is asked for.
    pub async fn takes_back(&mut self, step: &Declared) {
        let command = self.asks(step, Action::Compensate);
        assert_eq!(
            command.compensation.as_deref(),
            step.compensation,
            "what takes `{}` back",
            step.step
        );
        self.answer(Outcome::Done(Value::Null)).await;
    }

    /// Nothing is asked for any more: the saga is `committed` or `compensated`.
    ///
    /// # Panics
    /// When it goes on, or came to another end.
    pub async fn ends(&self, status: &str) {
        assert!(
            self.asked.is_none(),
            "the saga goes on: {:?}",
            self.asked.as_ref().map(command)
        );
        assert_eq!(self.status().await, status, "where the saga came to");
    }

    /// The saga waits, to try again: it neither ends nor takes anything back.
    ///
    /// # Panics
    /// When it does.
    pub async fn goes_forward(&self) {
        let back = self.asked.as_ref().map(command);
        assert!(
            back.as_ref().is_none_or(|next| next.action == Action::Run),
            "the saga turns back: {back:?}"
        );
        assert_eq!(self.status().await, "running", "where the saga came to");
    }

    /// The step is asked for, with the input that is declared.
    fn runs(&self, step: &Declared) {
        let command = self.asks(step, Action::Run);
        let expected = parsed(step.input);
        if let Err(reason) = matches(&expected, &command.input, &mut Names::new()) {
            panic!("the input of `{}`: {reason}", step.step);
        }
        let more = |name: &&String| expected.get(name.as_str()).is_none();
        let more = command
            .input
            .as_object()
            .and_then(|seen| seen.keys().find(more));
        assert!(
            more.is_none(),
            "`{}` is given {more:?}, which is not declared",
            step.step
        );
    }

    fn asks(&self, step: &Declared, action: Action) -> Command {
        let Some(asked) = &self.asked else {
            panic!(
                "{action:?} of `{}` was expected, nothing is asked",
                step.step
            );
        };
        let command = command(asked);
        assert_eq!(
            (command.action, command.step.as_str(), command.saga),
            (action, step.step, self.id),
            "what is asked next"
        );
        assert_eq!(
            asked.topic,
            commands_topic(step.service),
            "who is asked for `{}`",
            step.step
        );
        command
    }

    async fn answer(&mut self, outcome: Outcome) {
        let Some(command) = self.asked.take().as_ref().map(command) else {
            return;
        };
        let reply = Reply {
            saga: command.saga,
            step: command.step,
            action: command.action,
            attempt: command.attempt,
            outcome,
        };
        let name = self.service.service().name();
        let message = Envelope::new(
            &replies_topic(name),
            "SagaReply",
            1,
            command.saga.to_string(),
            "test",
            Utc::now(),
            json!(reply),
        );
        let group = format!("{name}.saga-coordinator");
        for _ in 0..2 {
            let dealt = self.service.deliver(&group, &message).await;
            assert!(dealt == Dealt::Done, "the answer {reply:?}: {dealt:?}");
        }
        self.look().await;
    }

    /// Takes up what is asked now.
    async fn look(&mut self) {
        let mut news = self.service.waiting().await;
        news.retain(|message| message.name == "SagaCommand" && self.known.insert(message.id));
        let asked: Vec<Command> = news.iter().map(command).collect();
        assert!(
            asked.len() < 2,
            "several things are asked at once: {asked:?}"
        );
        self.asked = news.pop();
    }

    async fn status(&self) -> String {
        let mut uow = must("the saga", self.service.database().read().await);
        let stored = must("the saga", uow.transaction().saga_load(self.id).await);
        stored.map_or_else(String::new, |saga| saga.status)
    }
}

fn command(message: &Envelope) -> Command {
    message
        .payload()
        .unwrap_or_else(|error| panic!("no command: {error}"))
}
