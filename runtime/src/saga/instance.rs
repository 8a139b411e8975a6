//! The saga as a state machine: pure, so that every order of replies and timers can be tried without a database.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{Action, Definition, Outcome, Reply, StepKind};
use crate::storage::StoreError;

/// From this attempt on, a step or compensation that must succeed counts as stuck.
const STUCK: u32 = 10;
/// How long a saga waits after what it does at its end was refused for the first time; the wait doubles with each further refusal.
const REFUSED: Duration = Duration::from_secs(10);
/// The longest such wait.
const REFUSED_LONGEST: Duration = Duration::from_secs(3600);

/// What a saga has gathered: its input, and the outputs of its steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SagaData {
    /// The saga's identity.
    pub id: Uuid,
    /// What it was started with.
    pub input: Json,
    /// What its steps gave, by step.
    pub outputs: BTreeMap<String, Json>,
}

impl SagaData {
    /// The saga's input as a type.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_value(self.input.clone())
            .map_err(|e| StoreError::corrupt("the saga's input", e))
    }

    /// The output of a step as a type.
    ///
    /// # Errors
    /// When the step is not done, or its output does not fit.
    pub fn output<T: DeserializeOwned>(&self, step: &str) -> Result<T, StoreError> {
        let output = self.outputs.get(step).cloned().unwrap_or(Json::Null);
        serde_json::from_value(output)
            .map_err(|e| StoreError::corrupt(format!("the output of `{step}`"), e))
    }
}

impl SagaData {
    /// What a step gave, as JSON; null before it is done.
    #[must_use]
    pub fn given(&self, step: &str) -> &Json {
        self.outputs.get(step).unwrap_or(&Json::Null)
    }

    /// One field of what a step gave.
    ///
    /// # Errors
    /// When the step is not done, or the field does not fit.
    pub fn field<T: DeserializeOwned>(&self, step: &str, field: &str) -> Result<T, StoreError> {
        serde_json::from_value(self.given(step)[field].clone())
            .map_err(|e| StoreError::corrupt(format!("`{field}` of the output of `{step}`"), e))
    }
}

/// Why a saga was compensated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SagaFailure {
    /// The step that did not succeed.
    pub step: String,
    /// Why not.
    pub reason: String,
}

/// What the saga is waiting for at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Waiting {
    /// The participant's answer.
    Reply,
    /// The time of the next attempt.
    Retry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "phase")]
enum Phase {
    Running {
        step: usize,
        attempt: u32,
        waiting: Waiting,
    },
    Settling {
        step: usize,
        attempt: u32,
    },
    Compensating {
        step: usize,
        attempt: u32,
        waiting: Waiting,
    },
    /// All steps are done, or taken back, and what is to be done at the end was refused.
    Ending {
        committed: bool,
        refusals: u32,
    },
    Committed,
    Compensated,
}

/// What is to be done after a transition, in its transaction.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Todo {
    /// Send a command about a step.
    Send {
        step: usize,
        action: Action,
        attempt: u32,
    },
    /// The saga is committed.
    Committed,
    /// The saga is compensated.
    Compensated(SagaFailure),
}

/// A running saga.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Instance {
    #[serde(flatten)]
    phase: Phase,
    pub(super) data: SagaData,
    failure: Option<SagaFailure>,
    deadline: DateTime<Utc>,
    timer: Option<DateTime<Utc>>,
}

impl Instance {
    /// A saga at its first step.
    pub(super) fn start(
        definition: &Definition,
        data: SagaData,
        now: DateTime<Utc>,
    ) -> (Self, Vec<Todo>) {
        let mut instance = Self {
            phase: Phase::Committed,
            data,
            failure: None,
            deadline: now + definition.timeout,
            timer: None,
        };
        let todo = instance.run(definition, 0, 1, now);
        (instance, todo)
    }

    /// How far the saga is, in one word.
    pub(super) fn status(&self) -> &'static str {
        match self.phase {
            Phase::Running { attempt, .. }
            | Phase::Settling { attempt, .. }
            | Phase::Compensating { attempt, .. }
                if attempt >= STUCK =>
            {
                "stuck"
            }
            // Another try finds what this one found until somebody has looked after it.
            Phase::Ending { .. } => "stuck",
            Phase::Running { .. } | Phase::Settling { .. } => "running",
            Phase::Compensating { .. } => "compensating",
            Phase::Committed => "committed",
            Phase::Compensated => "compensated",
        }
    }

    /// Whether nothing more will happen to it.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Committed | Phase::Compensated)
    }

    /// Takes back that the saga has ended, since what it does then was refused: it is tried again, each time later. `before` is
    /// what it was before it ended. Says whether this is the first refusal.
    pub(super) fn refused(&mut self, before: &Self, now: DateTime<Utc>) -> bool {
        let refusals = match before.phase {
            Phase::Ending { refusals, .. } => refusals + 1,
            _ => 1,
        };
        self.phase = Phase::Ending {
            committed: self.phase == Phase::Committed,
            refusals,
        };
        let factor = 2_u32.saturating_pow((refusals - 1).min(31));
        self.timer = Some(now + REFUSED.saturating_mul(factor).min(REFUSED_LONGEST));
        refusals == 1
    }

    /// When to look at the saga again if nothing else happens.
    pub(super) fn wake_at(&self, definition: &Definition) -> Option<DateTime<Utc>> {
        match self.phase {
            Phase::Running { step, .. } if !definition.forward_only(step) => {
                self.timer.map(|timer| timer.min(self.deadline))
            }
            _ => self.timer,
        }
    }

    /// Takes a participant's answer. One that belongs to an earlier phase or attempt changes nothing.
    pub(super) fn reply(
        &mut self,
        definition: &Definition,
        reply: &Reply,
        now: DateTime<Utc>,
    ) -> Vec<Todo> {
        let about = |step: usize| {
            definition
                .steps
                .get(step)
                .is_some_and(|s| s.name == reply.step)
        };
        match (self.phase, reply.action, &reply.outcome) {
            (Phase::Running { step, .. }, Action::Run, Outcome::Done(output))
            | (Phase::Settling { step, .. }, Action::Run | Action::Settle, Outcome::Done(output))
                if about(step) =>
            {
                self.data.outputs.insert(reply.step.clone(), output.clone());
                self.run(definition, step + 1, 1, now)
            }
            (Phase::Running { step, .. }, Action::Run, Outcome::Rejected(reason))
            | (
                Phase::Settling { step, .. },
                Action::Run | Action::Settle,
                Outcome::Rejected(reason),
            ) if about(step) && !definition.forward_only(step) => {
                // The participant has noted that it will never take the step, so there is nothing of it to take back.
                self.fail(definition, step, reason);
                self.compensate_below(definition, step, now)
            }
            (
                Phase::Running {
                    step,
                    attempt,
                    waiting: Waiting::Reply,
                },
                Action::Run,
                outcome,
            ) if about(step) && attempt == reply.attempt => {
                let (Outcome::Failed(reason) | Outcome::Rejected(reason)) = outcome else {
                    return Vec::new();
                };
                self.attempt_failed(definition, step, attempt, reason, now)
            }
            (Phase::Compensating { step, .. }, Action::Compensate, Outcome::Done(_))
                if about(step) =>
            {
                self.compensate_below(definition, step, now)
            }
            (
                Phase::Compensating {
                    step,
                    attempt,
                    waiting: Waiting::Reply,
                },
                Action::Compensate,
                _,
            ) if about(step) && attempt == reply.attempt => {
                self.phase = Phase::Compensating {
                    step,
                    attempt,
                    waiting: Waiting::Retry,
                };
                self.timer = Some(now + self.delay(definition, step, attempt));
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Does what is due at a moment, if anything is.
    pub(super) fn timer(&mut self, definition: &Definition, now: DateTime<Utc>) -> Vec<Todo> {
        if self.wake_at(definition).is_none_or(|moment| moment > now) {
            return Vec::new();
        }
        match self.phase {
            Phase::Running { step, .. }
                if !definition.forward_only(step) && self.deadline <= now =>
            {
                self.give_up(definition, step, "the saga took too long", now)
            }
            Phase::Running {
                step,
                attempt,
                waiting: Waiting::Retry,
            } => self.run(definition, step, attempt + 1, now),
            Phase::Running {
                step,
                attempt,
                waiting: Waiting::Reply,
            } => {
                // A step that must succeed, or that only reads, can be asked again; any other is in doubt and taken back.
                let again =
                    definition.forward_only(step) || definition.steps[step].kind == StepKind::Read;
                let reason = "no answer in time";
                if again {
                    self.attempt_failed(definition, step, attempt, reason, now)
                } else {
                    self.give_up(definition, step, reason, now)
                }
            }
            Phase::Settling { step, attempt } => self.settle(definition, step, attempt + 1, now),
            Phase::Compensating { step, attempt, .. } => {
                self.compensate(definition, step, attempt + 1, now)
            }
            Phase::Ending {
                committed: true, ..
            } => self.commit(),
            Phase::Ending {
                committed: false, ..
            } => self.compensated(),
            Phase::Committed | Phase::Compensated => Vec::new(),
        }
    }

    /// The wait after a failed attempt. Its share is drawn from the saga's identity, so that sagas which failed together do not
    /// come back together, and a transition stays the same however often it is computed.
    fn delay(&self, definition: &Definition, step: usize, attempt: u32) -> Duration {
        let (high, low) = self.data.id.as_u64_pair();
        let place = (step as u64) << 32 | u64::from(attempt);
        definition.steps[step].delay(attempt, share(high ^ low.rotate_left(17) ^ place))
    }

    fn run(
        &mut self,
        definition: &Definition,
        step: usize,
        attempt: u32,
        now: DateTime<Utc>,
    ) -> Vec<Todo> {
        let Some(next) = definition.steps.get(step) else {
            return self.commit();
        };
        self.phase = Phase::Running {
            step,
            attempt,
            waiting: Waiting::Reply,
        };
        self.timer = Some(now + next.timeout);
        vec![Todo::Send {
            step,
            action: Action::Run,
            attempt,
        }]
    }

    fn attempt_failed(
        &mut self,
        definition: &Definition,
        step: usize,
        attempt: u32,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Vec<Todo> {
        if !definition.forward_only(step) && attempt >= definition.steps[step].max_attempts {
            return self.give_up(definition, step, reason, now);
        }
        self.phase = Phase::Running {
            step,
            attempt,
            waiting: Waiting::Retry,
        };
        self.timer = Some(now + self.delay(definition, step, attempt));
        Vec::new()
    }

    /// Stops going forward at a step of which it is not known whether it was taken.
    fn give_up(
        &mut self,
        definition: &Definition,
        step: usize,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Vec<Todo> {
        self.fail(definition, step, reason);
        if definition.steps[step].kind == StepKind::Pivot {
            return self.settle(definition, step, 1, now);
        }
        self.compensate_below(definition, step + 1, now)
    }

    fn fail(&mut self, definition: &Definition, step: usize, reason: &str) {
        let failure = SagaFailure {
            step: definition.steps[step].name.to_owned(),
            reason: reason.to_owned(),
        };
        self.failure.get_or_insert(failure);
    }

    fn settle(
        &mut self,
        definition: &Definition,
        step: usize,
        attempt: u32,
        now: DateTime<Utc>,
    ) -> Vec<Todo> {
        self.phase = Phase::Settling { step, attempt };
        self.timer =
            Some(now + definition.steps[step].timeout + self.delay(definition, step, attempt));
        vec![Todo::Send {
            step,
            action: Action::Settle,
            attempt,
        }]
    }

    /// Takes back the last step before this one that changed anything.
    fn compensate_below(
        &mut self,
        definition: &Definition,
        step: usize,
        now: DateTime<Utc>,
    ) -> Vec<Todo> {
        match (0..step)
            .rev()
            .find(|step| definition.steps[*step].kind != StepKind::Read)
        {
            Some(step) => self.compensate(definition, step, 1, now),
            None => self.compensated(),
        }
    }

    fn commit(&mut self) -> Vec<Todo> {
        self.phase = Phase::Committed;
        self.timer = None;
        vec![Todo::Committed]
    }

    fn compensated(&mut self) -> Vec<Todo> {
        self.phase = Phase::Compensated;
        self.timer = None;
        vec![Todo::Compensated(self.failure())]
    }

    /// Why it is taken back.
    pub(super) fn failure(&self) -> SagaFailure {
        self.failure.clone().unwrap_or_else(|| SagaFailure {
            step: String::new(),
            reason: String::new(),
        })
    }

    fn compensate(
        &mut self,
        definition: &Definition,
        step: usize,
        attempt: u32,
        now: DateTime<Utc>,
    ) -> Vec<Todo> {
        self.phase = Phase::Compensating {
            step,
            attempt,
            waiting: Waiting::Reply,
        };
        self.timer =
            Some(now + definition.steps[step].timeout + self.delay(definition, step, attempt));
        vec![Todo::Send {
            step,
            action: Action::Compensate,
            attempt,
        }]
    }
}

/// A number from 0 to 1, spread evenly over all seeds: the finish of splitmix64.
#[allow(clippy::cast_precision_loss, reason = "53 bits fit")]
fn share(seed: u64) -> f64 {
    let mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_fill_the_whole_range() {
        let shares: Vec<f64> = (0..1000).map(share).collect();
        assert!(shares.iter().all(|share| (0.0..1.0).contains(share)));
        for tenth in 0..10 {
            let within = |share: &&f64| (**share * 10.0) as u8 == tenth;
            assert!(shares.iter().filter(within).count() > 50, "{tenth}");
        }
    }
}
