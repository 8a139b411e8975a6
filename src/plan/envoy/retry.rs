//! What is sent again: requests that do no harm twice, and those by whose key a service recognises them.

use serde_json::{Value, json};

use crate::model::endpoint::Method;
use crate::model::gateway::Route;

/// Pauses grow from the first to the second, as at the embedded gateway.
const PAUSES: (&str, &str) = ("0.025s", "0.250s");

/// Methods that do no harm twice (RFC 9110, section 9.2.2), as far as the route repeats them.
pub(super) fn repeated(route: &Route) -> Vec<&'static str> {
    let harmless = |method: &Method| method.is_idempotent();
    let named = match &route.retry_methods {
        Some(methods) => methods.iter().map(|method| method.value).collect(),
        None => route.methods.clone(),
    };
    let mut methods: Vec<Method> = named.into_iter().filter(harmless).collect();
    methods.sort_unstable();
    methods.dedup();
    methods.into_iter().map(Method::as_str).collect()
}

/// Whether requests that carry a key are repeated whatever their method.
pub(super) fn keyed(route: &Route) -> bool {
    let harmful = |method: &Method| !method.is_idempotent();
    route.retries.value > 0 && route.idempotency_key && route.methods.iter().any(harmful)
}

/// The policy for requests of some methods; nothing where none of them is repeated.
pub(super) fn policy(route: &Route, methods: &[&str]) -> Option<Value> {
    if route.retries.value == 0 || methods.is_empty() {
        return None;
    }
    let mut policy = always(route);
    policy["retriable_request_headers"] = json!([super::routes::method(methods)]);
    Some(policy)
}

/// The policy for requests that may all be repeated.
pub(super) fn always(route: &Route) -> Value {
    json!({
        "retry_on": "connect-failure,refused-stream,reset,gateway-error",
        "num_retries": route.retries.value,
        "retry_back_off": {"base_interval": PAUSES.0, "max_interval": PAUSES.1},
        "# Another replica, where there is one.": null,
        "retry_host_predicate": [super::extension(
            "envoy.retry_host_predicates.previous_hosts",
            "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
            json!({}),
        )],
        "host_selection_retry_max_attempts": 3,
    })
}
