//! Durations that the file writes as a number alone: what they mean is the key's secret.

use super::Lowering;
use crate::model::platform::BareDuration;
use crate::syntax::decode::{Duration, Millis, Seconds};
use crate::syntax::document::{CircuitBreaker, NameOr, RateLimit, Retry};
use crate::syntax::source::{Span, Spanned};

impl Lowering<'_> {
    /// Notes every duration without a unit, in the order of the file.
    pub(super) fn bare_durations(&mut self) {
        let mut found = Bare::default();
        let document = self.document;
        if let Some(gateway) = &document.gateway {
            found.limit(gateway.rate_limit.as_ref());
            for route in &gateway.routes {
                found.millis("timeout", route.timeout.as_ref());
                found.limit(route.rate_limit.as_ref());
                found.breaker(here(route.circuit_breaker.as_ref()));
            }
        }
        if let Some(resilience) = &document.resilience {
            found.millis("timeout", resilience.timeout.as_ref());
            for retry in resilience.retries.values() {
                found.retry(Some(retry));
            }
            for breaker in resilience.circuit_breakers.values() {
                found.breaker(Some(breaker));
            }
        }
        for (_, service) in document.services.iter() {
            for call in &service.calls {
                found.retry(here(call.retry.as_ref()));
                found.breaker(here(call.circuit_breaker.as_ref()));
            }
        }
        for (_, event) in document.events.iter() {
            for (_, consumer) in event.consumers.iter() {
                found.retry(here(consumer.retry.as_ref()));
            }
        }
        for (_, saga) in document.sagas.iter() {
            for step in &saga.steps {
                found.retry(here(step.retry.as_ref()));
            }
        }
        for (_, cache) in document.caches.iter() {
            let levels = [&cache.l1_cache, &cache.l2_cache, &cache.l3_cache];
            for level in levels.into_iter().flatten() {
                found.note("ttl", level.ttl.0, level.ttl.span, true);
            }
            found.seconds("negative_ttl", cache.negative_ttl.as_ref());
            found.seconds("max_staleness", cache.max_staleness.as_ref());
        }
        found.0.sort_by_key(|bare| bare.span);
        found.0.dedup_by_key(|bare| bare.span);
        self.model.bare_durations = found.0;
    }
}

/// A policy that is written in place.
fn here<T>(given: Option<&NameOr<T>>) -> Option<&T> {
    match given? {
        NameOr::Here(record) => Some(record),
        NameOr::Name(_) => None,
    }
}

#[derive(Default)]
struct Bare(Vec<BareDuration>);

impl Bare {
    fn millis(&mut self, key: &'static str, given: Option<&Spanned<Millis>>) {
        if let Some(given) = given {
            self.note(key, given.value.0, given.span, false);
        }
    }

    fn seconds(&mut self, key: &'static str, given: Option<&Spanned<Seconds>>) {
        if let Some(given) = given {
            self.note(key, given.value.0, given.span, true);
        }
    }

    fn limit(&mut self, limit: Option<&RateLimit>) {
        if let Some(limit) = limit {
            self.note("window", limit.window.0, limit.window.span, false);
        }
    }

    fn retry(&mut self, retry: Option<&Retry>) {
        let Some(retry) = retry else { return };
        self.millis("base_delay", retry.base_delay.as_ref());
        self.millis("max_delay", retry.max_delay.as_ref());
    }

    fn breaker(&mut self, breaker: Option<&CircuitBreaker>) {
        let Some(breaker) = breaker else { return };
        self.millis("recovery_timeout", breaker.recovery_timeout.as_ref());
        self.millis("monitor_window", breaker.monitor_window.as_ref());
    }

    /// Nothing is nothing in any unit.
    fn note(&mut self, key: &'static str, given: Duration, span: Span, seconds: bool) {
        if given.is_bare() && given.millis() > 0 {
            let number = given.millis() / if seconds { 1000 } else { 1 };
            self.0.push(BareDuration {
                key,
                number,
                seconds,
                span,
            });
        }
    }
}
