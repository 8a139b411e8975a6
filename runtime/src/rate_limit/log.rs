//! The timestamps of admitted requests, per caller, and no more of them than the limit needs.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::{Limited, RateLimitPolicy};

/// When requests were admitted, the oldest first.
type Log = VecDeque<Duration>;

pub(super) struct Logs {
    by_key: HashMap<String, Log>,
    /// The log of all callers for whom there was no room.
    shared: Log,
    most_keys: usize,
    swept: Duration,
}

impl Logs {
    pub(super) fn new(most_keys: usize) -> Self {
        Self {
            by_key: HashMap::new(),
            shared: Log::new(),
            most_keys: most_keys.max(1),
            swept: Duration::ZERO,
        }
    }

    pub(super) fn admit(
        &mut self,
        key: &str,
        now: Duration,
        policy: RateLimitPolicy,
    ) -> Result<(), Limited> {
        if policy.max_requests == 0 {
            return Err(Limited {
                retry_after: policy.window,
            });
        }
        let log = self.log_of(key, now, policy.window);
        forget(log, now, policy.window);
        match log.front() {
            Some(oldest) if log.len() >= policy.max_requests as usize => Err(Limited {
                retry_after: policy.window.saturating_sub(now.saturating_sub(*oldest)),
            }),
            _ => {
                log.push_back(now);
                Ok(())
            }
        }
    }

    fn log_of(&mut self, key: &str, now: Duration, window: Duration) -> &mut Log {
        if !self.by_key.contains_key(key) {
            self.make_room(now, window);
            if self.by_key.len() >= self.most_keys {
                return &mut self.shared;
            }
            // Some of the shared entries may be this caller's, so it begins with all of them: too strict for a while
            // rather than too lax for a moment.
            forget(&mut self.shared, now, window);
        }
        let shared = &self.shared;
        self.by_key
            .entry(key.to_owned())
            .or_insert_with(|| shared.clone())
    }

    /// Drops the logs in which nothing counts any more, if there are too many.
    fn make_room(&mut self, now: Duration, window: Duration) {
        // Looking through all logs costs; a flood of new callers must not buy it with every request.
        if self.by_key.len() < self.most_keys || now.saturating_sub(self.swept) < window / 10 {
            return;
        }
        self.swept = now;
        self.by_key.retain(|_, log| {
            log.back()
                .is_some_and(|last| now.saturating_sub(*last) < window)
        });
    }

    #[cfg(test)]
    pub(super) fn keys(&self) -> usize {
        self.by_key.len()
    }
}

fn forget(log: &mut Log, now: Duration, window: Duration) {
    while log
        .front()
        .is_some_and(|at| now.saturating_sub(*at) >= window)
    {
        log.pop_front();
    }
}
