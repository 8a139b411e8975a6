//! A circuit breaker: after `failure_threshold` failures within `monitor_window` it stops calling for `recovery_timeout`,
//! then lets a bounded number of probes through, and closes after `success_threshold` of them succeeded.

mod machine;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clock::{Clock, SystemClock};
use crate::telemetry::{Gauge, Metrics};
use machine::Machine;

/// When a breaker opens and closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Failures within the window that open it.
    pub failure_threshold: u32,
    /// How far back failures count. A success does not make them forgotten, time does.
    pub monitor_window: Duration,
    /// How long it stays open.
    pub recovery_timeout: Duration,
    /// Probes that must succeed to close it; also how many are let through at once.
    pub success_threshold: u32,
}

/// The state of a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls go through.
    Closed,
    /// Calls are refused.
    Open,
    /// A few probes go through.
    HalfOpen,
}

impl BreakerState {
    /// The value of the gauge `circuit_breaker_state`: 0 closed, 1 open, 2 half-open.
    #[must_use]
    pub fn as_metric(self) -> f64 {
        match self {
            Self::Closed => 0.0,
            Self::Open => 1.0,
            Self::HalfOpen => 2.0,
        }
    }
}

/// The breaker is open, or its probes are all under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the circuit breaker is open for another {} ms", retry_after.as_millis())]
pub struct Open {
    /// When it is worth trying again.
    pub retry_after: Duration,
}

/// A circuit breaker. All clones share one state.
#[derive(Clone)]
pub struct Breaker(Arc<Shared>);

struct Shared {
    machine: Mutex<Machine>,
    clock: Arc<dyn Clock>,
    observed: Option<(String, Gauge<1>)>,
}

impl Breaker {
    /// A closed breaker on the machine's clock.
    #[must_use]
    pub fn new(policy: BreakerPolicy) -> Self {
        Self::with_clock(policy, SystemClock::default())
    }

    /// A closed breaker on another clock.
    #[must_use]
    pub fn with_clock(policy: BreakerPolicy, clock: impl Clock) -> Self {
        Self::assemble(policy, Arc::new(clock), None)
    }

    /// A closed breaker whose state is told by the gauge `circuit_breaker_state{name}`.
    #[must_use]
    pub fn observed(policy: BreakerPolicy, name: &str, metrics: &Metrics) -> Self {
        let help = "State of the circuit breaker: 0 closed, 1 open, 2 half-open";
        let gauge = metrics.gauge("circuit_breaker_state", help, ["name"]);
        gauge.set([name], BreakerState::Closed.as_metric());
        Self::assemble(
            policy,
            Arc::new(SystemClock::default()),
            Some((name.to_owned(), gauge)),
        )
    }

    fn assemble(
        policy: BreakerPolicy,
        clock: Arc<dyn Clock>,
        observed: Option<(String, Gauge<1>)>,
    ) -> Self {
        Self(Arc::new(Shared {
            machine: Mutex::new(Machine::new(policy)),
            clock,
            observed,
        }))
    }

    /// Asks to make one call. The permit wants to hear how it went; dropped unheard, the call does not count.
    ///
    /// # Errors
    /// [`Open`] if the call must not be made now.
    pub fn admit(&self) -> Result<Permit, Open> {
        let generation = self.with(|machine, now| machine.admit(now))?;
        Ok(Permit {
            breaker: self.clone(),
            generation,
            heard: false,
        })
    }

    /// The state now.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        self.with(|machine, now| machine.state(now))
    }

    /// Runs one step of the machine and tells the gauge if the state changed.
    fn with<T>(&self, step: impl FnOnce(&mut Machine, Duration) -> T) -> T {
        let mut machine = self.machine();
        let now = self.0.clock.now();
        let before = machine.known_state();
        let outcome = step(&mut machine, now);
        let after = machine.known_state();
        if before != after
            && let Some((name, gauge)) = &self.0.observed
        {
            gauge.set([name], after.as_metric());
            tracing::warn!(breaker = name, state = ?after, "circuit breaker changed its state");
        }
        outcome
    }

    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.0
            .machine
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

/// The leave to make one call.
#[derive(Debug)]
#[must_use = "say whether the call succeeded; a dropped permit counts for nothing"]
pub struct Permit {
    breaker: Breaker,
    generation: u64,
    heard: bool,
}

impl Permit {
    /// The call succeeded.
    pub fn success(mut self) {
        self.heard = true;
        self.breaker
            .with(|machine, now| machine.success(self.generation, now));
    }

    /// The call failed in a way that says something about the one called: transport failure, timeout, 5xx.
    pub fn failure(mut self) {
        self.heard = true;
        self.breaker
            .with(|machine, now| machine.failure(self.generation, now));
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.heard {
            self.breaker
                .with(|machine, _| machine.cancelled(self.generation));
        }
    }
}
