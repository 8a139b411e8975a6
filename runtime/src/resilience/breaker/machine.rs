//! The breaker's state machine, pure in time: every step is told what time it is.

use std::collections::VecDeque;
use std::time::Duration;

use super::{BreakerPolicy, BreakerState, Open};

/// How soon to ask again when all probes are under way.
const PROBE_PAUSE: Duration = Duration::from_millis(100);

#[derive(Debug)]
enum State {
    Closed { failures: VecDeque<Duration> },
    Open { until: Duration },
    HalfOpen { under_way: u32, succeeded: u32 },
}

#[derive(Debug)]
pub(super) struct Machine {
    policy: BreakerPolicy,
    state: State,
    /// Counts the changes of state, so that a call that began before one is not heard after it.
    generation: u64,
}

impl Machine {
    pub(super) fn new(policy: BreakerPolicy) -> Self {
        let policy = BreakerPolicy {
            failure_threshold: policy.failure_threshold.max(1),
            success_threshold: policy.success_threshold.max(1),
            ..policy
        };
        Self {
            policy,
            state: State::Closed {
                failures: VecDeque::new(),
            },
            generation: 0,
        }
    }

    /// The state as of the last step.
    pub(super) fn known_state(&self) -> BreakerState {
        match self.state {
            State::Closed { .. } => BreakerState::Closed,
            State::Open { .. } => BreakerState::Open,
            State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    pub(super) fn state(&mut self, now: Duration) -> BreakerState {
        self.recover(now);
        self.known_state()
    }

    pub(super) fn admit(&mut self, now: Duration) -> Result<u64, Open> {
        self.recover(now);
        match &mut self.state {
            State::Closed { .. } => Ok(self.generation),
            State::Open { until } => Err(Open {
                retry_after: until.saturating_sub(now),
            }),
            State::HalfOpen {
                under_way,
                succeeded,
            } => {
                if *under_way + *succeeded >= self.policy.success_threshold {
                    return Err(Open {
                        retry_after: PROBE_PAUSE,
                    });
                }
                *under_way += 1;
                Ok(self.generation)
            }
        }
    }

    pub(super) fn success(&mut self, generation: u64, now: Duration) {
        self.recover(now);
        if generation != self.generation {
            return;
        }
        if let State::HalfOpen {
            under_way,
            succeeded,
        } = &mut self.state
        {
            *under_way = under_way.saturating_sub(1);
            *succeeded += 1;
            if *succeeded >= self.policy.success_threshold {
                self.enter(State::Closed {
                    failures: VecDeque::new(),
                });
            }
        }
    }

    pub(super) fn failure(&mut self, generation: u64, now: Duration) {
        self.recover(now);
        if generation != self.generation {
            return;
        }
        let opens = match &mut self.state {
            State::Closed { failures } => {
                let window = self.policy.monitor_window;
                failures.retain(|at| now.saturating_sub(*at) < window);
                failures.push_back(now);
                failures.len() >= self.policy.failure_threshold as usize
            }
            State::HalfOpen { .. } => true,
            State::Open { .. } => false,
        };
        if opens {
            self.enter(State::Open {
                until: now.saturating_add(self.policy.recovery_timeout),
            });
        }
    }

    /// A call ended without a verdict: its place as a probe is free again.
    pub(super) fn cancelled(&mut self, generation: u64) {
        if generation == self.generation
            && let State::HalfOpen { under_way, .. } = &mut self.state
        {
            *under_way = under_way.saturating_sub(1);
        }
    }

    fn recover(&mut self, now: Duration) {
        if let State::Open { until } = self.state
            && now >= until
        {
            self.enter(State::HalfOpen {
                under_way: 0,
                succeeded: 0,
            });
        }
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.generation += 1;
    }
}

#[cfg(test)]
impl Machine {
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }
}
