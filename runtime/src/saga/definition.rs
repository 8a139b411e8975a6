//! What a saga consists of: its steps in order, who takes them, and what happens when one fails.

use std::time::Duration;

/// A saga, as the architecture declares it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Definition {
    /// The saga's name.
    pub name: &'static str,
    /// Rises whenever the steps change; a running saga keeps the version that it began with.
    pub version: u32,
    /// How long the saga may take to its pivot before it is compensated.
    pub timeout: Duration,
    /// The steps, in order.
    pub steps: &'static [StepDefinition],
}

/// What failing means for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// It can be taken back.
    Compensatable,
    /// Once it is done the saga goes forward only; until then everything before it can be taken back.
    Pivot,
    /// It is tried until it is done, and not taken back for its own failure.
    Retriable,
    /// It changes nothing, so there is nothing to take back.
    Read,
}

/// One step of a saga.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepDefinition {
    /// The step's name.
    pub name: &'static str,
    /// The service that takes it.
    pub service: &'static str,
    /// What failing means.
    pub kind: StepKind,
    /// The name of what takes it back.
    pub compensation: Option<&'static str>,
    /// How long to wait for an answer.
    pub timeout: Duration,
    /// How often it is tried in all when it fails for a technical reason.
    pub max_attempts: u32,
    /// The wait after the first failure; it doubles with each further one.
    pub base_delay: Duration,
    /// The longest wait.
    pub max_delay: Duration,
}

impl StepDefinition {
    /// A step with the usual policy: ten seconds for an answer, three attempts, waits from 100 ms to 30 s.
    #[must_use]
    pub const fn new(name: &'static str, service: &'static str, kind: StepKind) -> Self {
        Self {
            name,
            service,
            kind,
            compensation: None,
            timeout: Duration::from_secs(10),
            max_attempts: 3,
            base_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(30),
        }
    }

    /// The name of what takes it back.
    #[must_use]
    pub const fn compensation(mut self, name: &'static str) -> Self {
        self.compensation = Some(name);
        self
    }

    /// How long to wait for an answer.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often it is tried in all, and how long to wait in between.
    #[must_use]
    pub const fn retry(
        mut self,
        max_attempts: u32,
        base_delay: Duration,
        max_delay: Duration,
    ) -> Self {
        self.max_attempts = max_attempts;
        self.base_delay = base_delay;
        self.max_delay = max_delay;
        self
    }

    /// The wait after a failed attempt: a share, from 0 to 1, of what doubles with each of them up to the longest wait.
    pub(super) fn delay(&self, attempt: u32, share: f64) -> Duration {
        let factor = 2_u32.saturating_pow(attempt.saturating_sub(1).min(31));
        let longest = self.base_delay.saturating_mul(factor).min(self.max_delay);
        longest.mul_f64(share.clamp(0.0, 1.0))
    }
}

impl Definition {
    /// Whether the saga can no longer go back once it has come to a step.
    pub(super) fn forward_only(&self, step: usize) -> bool {
        self.steps[step].kind == StepKind::Retriable
            || self.steps[..step]
                .iter()
                .any(|before| before.kind == StepKind::Pivot)
    }
}
