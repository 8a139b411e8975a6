//! A sliding window by a log of timestamps: no window of the given length, wherever it begins, ever holds more requests
//! than the limit.
//!
//! ```
//! use msarch_runtime::rate_limit::{RateLimitPolicy, RateLimiter};
//! use std::time::Duration;
//!
//! let limiter = RateLimiter::new(RateLimitPolicy { window: Duration::from_secs(60), max_requests: 2 });
//! assert!(limiter.admit("alice").is_ok());
//! assert!(limiter.admit("alice").is_ok());
//! assert!(limiter.admit("alice").is_err());
//! assert!(limiter.admit("bob").is_ok());
//! ```

mod log;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::resilience::{Clock, SystemClock};
use log::Logs;

/// How many callers are told apart. The others share one limit, so that made-up callers fill no memory.
const MOST_KEYS: usize = 10_000;

/// How often somebody may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitPolicy {
    /// The length of the window.
    pub window: Duration,
    /// Requests within any window of this length.
    pub max_requests: u32,
}

/// The limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the limit of requests is reached for another {} ms", retry_after.as_millis())]
pub struct Limited {
    /// After exactly this time the next request is admitted, if no other comes first.
    pub retry_after: Duration,
}

/// Counts requests per caller. All clones share the counts.
#[derive(Clone)]
pub struct RateLimiter {
    policy: RateLimitPolicy,
    clock: Arc<dyn Clock>,
    logs: Arc<Mutex<Logs>>,
}

impl RateLimiter {
    /// A limiter on the machine's clock.
    #[must_use]
    pub fn new(policy: RateLimitPolicy) -> Self {
        Self::assemble(policy, Arc::new(SystemClock::default()), MOST_KEYS)
    }

    /// A limiter on another clock, which tells so many callers apart.
    #[must_use]
    pub fn with_clock(policy: RateLimitPolicy, clock: impl Clock, most_keys: usize) -> Self {
        Self::assemble(policy, Arc::new(clock), most_keys)
    }

    fn assemble(policy: RateLimitPolicy, clock: Arc<dyn Clock>, most_keys: usize) -> Self {
        Self {
            policy,
            clock,
            logs: Arc::new(Mutex::new(Logs::new(most_keys))),
        }
    }

    /// Counts a request of a caller, if the limit allows it. A refused request does not count.
    ///
    /// # Errors
    /// [`Limited`] if it does not.
    pub fn admit(&self, key: &str) -> Result<(), Limited> {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        logs.admit(key, now, self.policy)
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
