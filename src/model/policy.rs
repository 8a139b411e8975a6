//! Resilience policies with every default applied.

use std::time::Duration;

use crate::syntax::source::Span;

/// How often and how soon to try again.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// Tries in all, the first included.
    pub max_attempts: u32,
    /// Pause before the second try.
    pub base_delay: Duration,
    /// Longest pause, before jitter.
    pub max_delay: Duration,
    /// Growth of the pause from one try to the next.
    pub backoff_factor: f64,
    /// Whether pauses are shortened at random, to half at most.
    pub jitter: bool,
    /// Where it is declared.
    pub span: Span,
    /// Where its values are written.
    pub written: RetryPlaces,
}

/// Where the values of a retry policy are written, as far as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RetryPlaces {
    /// `base_delay`.
    pub base_delay: Option<Span>,
    /// `backoff_factor`.
    pub backoff_factor: Option<Span>,
    /// `jitter`.
    pub jitter: Option<Span>,
}

/// When to stop calling.
#[derive(Debug, Clone, PartialEq)]
pub struct CircuitBreaker {
    /// Failures within the window that open it.
    pub failure_threshold: u32,
    /// How long it stays open.
    pub recovery_timeout: Duration,
    /// The window.
    pub monitor_window: Duration,
    /// Successes that close it again.
    pub success_threshold: u32,
    /// Where it is declared.
    pub span: Span,
}

/// How many calls may be under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Bulkhead {
    /// Calls under way.
    pub max_concurrent: u32,
    /// Calls that wait for a place.
    pub max_waiting: u32,
    /// Where it is declared.
    pub span: Span,
}
