//! Resilience policies.

use indexmap::IndexMap;

use crate::syntax::decode::{Bounded, Millis, record};
use crate::syntax::source::Spanned;

record! {
    /// Named policies; `default` applies where a call names none.
    #[parts(true)]
    pub struct Resilience {
        /// How long one try of a call may take where the call does not say; a bare number is milliseconds.
        timeout: Option<Spanned<Millis>>,
        /// Retry policies by name.
        retries: IndexMap<Spanned<String>, Retry>,
        /// Circuit breakers by name.
        circuit_breakers: IndexMap<Spanned<String>, CircuitBreaker>,
        /// Bulkheads by name.
        bulkheads: IndexMap<Spanned<String>, Bulkhead>,
    }
}

record! {
    /// How often and how soon to try again: exponential backoff.
    pub struct Retry {
        /// Tries in all, the first included. Default 3.
        max_attempts: Option<Bounded<1, 100>>,
        /// Pause before the second try; a bare number is milliseconds. Default 100ms.
        base_delay: Option<Spanned<Millis>>,
        /// Longest pause, before jitter; a bare number is milliseconds. Default 2s.
        max_delay: Option<Spanned<Millis>>,
        /// Whether pauses are shortened at random, to half at most. Default true.
        jitter: Option<Spanned<bool>>,
        /// Growth of the pause from one try to the next. Default 2.
        backoff_factor: Option<Spanned<f64>>,
    }
}

record! {
    /// When to stop calling, and when to try again.
    pub struct CircuitBreaker {
        /// Failures within `monitor_window` that open it. Default 5.
        failure_threshold: Option<Bounded<1, 1_000_000>>,
        /// How long it stays open; a bare number is milliseconds. Default 30s.
        recovery_timeout: Option<Spanned<Millis>>,
        /// The window in which failures count; a bare number is milliseconds. Default 60s.
        monitor_window: Option<Spanned<Millis>>,
        /// Successes while half open that close it. Default 3.
        success_threshold: Option<Bounded<1, 1_000_000>>,
    }
}

record! {
    /// How many calls may be under way.
    pub struct Bulkhead {
        /// Calls under way. Default 20.
        max_concurrent: Option<Bounded<1, 1_000_000>>,
        /// Calls that wait for a place. Default 40.
        max_waiting: Option<Bounded<0, 1_000_000>>,
    }
}
