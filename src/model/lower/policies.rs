//! Policies by name or in place, with every default applied.

use std::borrow::Cow;
use std::time::Duration;

use indexmap::IndexMap;

use super::Lowering;
use crate::model::policy::{Bulkhead, CircuitBreaker, Retry, RetryPlaces};
use crate::syntax::decode::Decode;
use crate::syntax::document::{self, NameOr};
use crate::syntax::source::{Span, Spanned};

impl Lowering<'_> {
    /// A retry policy by name or in place; the one called `default` where nothing is said.
    pub(super) fn retry(
        &mut self,
        given: Option<&NameOr<document::Retry>>,
        role: &str,
    ) -> Option<Retry> {
        let policies = self
            .document
            .resilience
            .as_ref()
            .map(|resilience| &resilience.retries);
        self.policy(given, policies, "retry policy", role)
            // Of tries that could not be read nothing follows.
            .filter(|(record, _)| !record.torn)
            .map(|(record, span)| retry(&record, span))
    }

    /// A circuit breaker by name or in place; the one called `default` where nothing is said.
    pub(super) fn circuit_breaker(
        &mut self,
        given: Option<&NameOr<document::CircuitBreaker>>,
        role: &str,
    ) -> Option<CircuitBreaker> {
        let policies = self
            .document
            .resilience
            .as_ref()
            .map(|resilience| &resilience.circuit_breakers);
        self.policy(given, policies, "circuit breaker", role)
            .map(|(record, span)| circuit_breaker(&record, span))
    }

    /// A bulkhead by name or in place; the one called `default` where nothing is said.
    pub(super) fn bulkhead(
        &mut self,
        given: Option<&NameOr<document::Bulkhead>>,
        role: &str,
    ) -> Option<Bulkhead> {
        let policies = self
            .document
            .resilience
            .as_ref()
            .map(|resilience| &resilience.bulkheads);
        self.policy(given, policies, "bulkhead", role)
            .map(|(record, span)| Bulkhead {
                max_concurrent: record.max_concurrent.map_or(20, |count| int(*count)),
                max_waiting: record.max_waiting.map_or(40, |count| int(*count)),
                span,
            })
    }

    /// What is given by name or in place. A name that leads nowhere is told, and stands for a policy all the same.
    fn policy<'p, T: Decode + Clone>(
        &mut self,
        given: Option<&'p NameOr<T>>,
        policies: Option<&'p IndexMap<Spanned<String>, T>>,
        kind: &'static str,
        role: &str,
    ) -> Option<(Cow<'p, T>, Span)> {
        match given {
            Some(NameOr::Here(record)) => Some((Cow::Borrowed(&**record), Span::default())),
            Some(NameOr::Name(name)) => {
                let found =
                    policies.and_then(|policies| policies.get_key_value(name.value.as_str()));
                let Some((name, record)) = found else {
                    self.unresolved_among(name, kind, role.to_owned(), |_| {
                        let known = policies.into_iter().flat_map(|policies| policies.keys());
                        known.cloned().collect()
                    });
                    return T::unread(name.span).map(|record| (Cow::Owned(record), name.span));
                };
                self.uses.borrow_mut().push(name.span);
                Some((Cow::Borrowed(record), name.span))
            }
            None => policies?
                .get_key_value("default")
                .map(|(name, record)| (Cow::Borrowed(record), name.span)),
        }
    }
}

fn retry(record: &document::Retry, span: Span) -> Retry {
    Retry {
        max_attempts: record.max_attempts.map_or(3, |count| int(*count)),
        base_delay: record
            .base_delay
            .as_ref()
            .map_or(Duration::from_millis(100), |delay| delay.to_std()),
        max_delay: record
            .max_delay
            .as_ref()
            .map_or(Duration::from_secs(2), |delay| delay.to_std()),
        backoff_factor: record.backoff_factor.map_or(2.0, |factor| factor.value),
        jitter: record.jitter.is_none_or(|jitter| jitter.value),
        span: place(record.span, span),
        written: RetryPlaces {
            base_delay: record.base_delay.as_ref().map(|delay| delay.span),
            backoff_factor: record.backoff_factor.map(|factor| factor.span),
            jitter: record.jitter.map(|jitter| jitter.span),
        },
    }
}

fn circuit_breaker(record: &document::CircuitBreaker, span: Span) -> CircuitBreaker {
    CircuitBreaker {
        failure_threshold: record.failure_threshold.map_or(5, |count| int(*count)),
        recovery_timeout: record
            .recovery_timeout
            .as_ref()
            .map_or(Duration::from_secs(30), |time| time.to_std()),
        monitor_window: record
            .monitor_window
            .as_ref()
            .map_or(Duration::from_secs(60), |time| time.to_std()),
        success_threshold: record.success_threshold.map_or(3, |count| int(*count)),
        span: place(record.span, span),
    }
}

fn place(own: Span, named: Span) -> Span {
    if named == Span::default() { own } else { named }
}

fn int(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
