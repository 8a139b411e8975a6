//! What Envoy does otherwise than declared: said where it is generated, and in the file.

use crate::model::gateway::{Gateway, Middleware};
use crate::plan::local::gateway::passed;

/// A sentence for each.
pub fn approximations(gateway: &Gateway) -> Vec<String> {
    let mut told = Vec::new();
    let routes = || gateway.routes.iter();
    if gateway.rate_limit.is_some() || routes().any(|route| route.rate_limit.is_some()) {
        told.push(
            "limits are buckets that fill evenly instead of a sliding window: after a pause, a window may hold up to twice as many requests; \
             each copy of the gateway counts on its own"
                .to_owned(),
        );
    }
    if routes().any(|route| route.circuit_breaker.is_some()) {
        told.push(
            "circuit breakers are outlier detection: failures in a row are counted for each replica, not within `monitor_window`, and after \
             `recovery_timeout` a replica takes all requests again, without `success_threshold`"
                .to_owned(),
        );
    }
    let watching = [
        Middleware::Logging,
        Middleware::Metrics,
        Middleware::Tracing,
    ];
    let passed = passed(gateway);
    let guards = passed.iter().position(|item| !watching.contains(item));
    let watches = passed.iter().rposition(|item| watching.contains(item));
    if guards < watches && guards.is_some() {
        told.push(
            "logging, metrics and tracing see every request, those too that are refused by what is declared before them".to_owned(),
        );
    }
    let undeclared = gateway
        .authentication
        .as_ref()
        .is_some_and(|declared| declared.audience.is_none());
    if undeclared {
        told.push(
            "a token for some audience is let in, since none is declared; services refuse it"
                .to_owned(),
        );
    }
    told
}
