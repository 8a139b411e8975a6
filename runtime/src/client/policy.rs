//! How a service calls another, and what may be tried again.

use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};

use crate::http::IdempotencyKey;
use crate::resilience::{BreakerPolicy, BulkheadPolicy, RetryPolicy};

/// How a service calls another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CallPolicy {
    /// How long one try may take.
    pub timeout: Duration,
    /// How often and how soon to try again.
    pub retry: RetryPolicy,
    /// When to stop calling.
    pub breaker: Option<BreakerPolicy>,
    /// How many calls may be under way.
    pub bulkhead: Option<BulkheadPolicy>,
}

impl Default for CallPolicy {
    /// Five seconds, one try, and nothing else.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            retry: RetryPolicy::NEVER,
            breaker: None,
            bulkhead: None,
        }
    }
}

/// Whether a request may be sent twice: by its method, or because its `Idempotency-Key` makes it one request.
#[must_use]
pub fn safe_to_repeat(method: &Method, headers: &HeaderMap) -> bool {
    method.is_idempotent() || headers.contains_key(IdempotencyKey::HEADER)
}

/// Whether an answer says that another try may do better.
#[must_use]
pub fn retryable_status(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}
