//! The problems that services have, by name.

use std::error::Error as StdError;
use std::time::Duration;

use http::StatusCode;

use super::{FieldError, Problem};

impl Problem {
    /// 400: the request cannot be understood.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST).with_detail(detail)
    }

    /// 400: fields of the request are wrong, each named.
    #[must_use]
    pub fn validation(errors: impl IntoIterator<Item = FieldError>) -> Self {
        let mut problem = Self::bad_request("the request does not fit its schema");
        problem.0.errors = errors.into_iter().collect();
        problem
    }

    /// 401: nobody, or a token that does not hold. The challenge goes out as `WWW-Authenticate`.
    #[must_use]
    pub fn unauthorized(challenge: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED)
            .with_detail(detail)
            .with_challenge(challenge)
    }

    /// 403: somebody who may not do this.
    #[must_use]
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN).with_detail(detail)
    }

    /// 404: there is no such thing.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND).with_detail(detail)
    }

    /// 409: the state of the resource does not allow it.
    #[must_use]
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT).with_detail(detail)
    }

    /// 412: the resource is not at the version that the caller knows.
    #[must_use]
    pub fn precondition_failed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED).with_detail(detail)
    }

    /// 428: the caller must say which version it means.
    #[must_use]
    pub fn precondition_required(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PRECONDITION_REQUIRED).with_detail(detail)
    }

    /// 422: understood, and refused by a rule of the domain.
    #[must_use]
    pub fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY).with_detail(detail)
    }

    /// 429: too many requests; free again after the given time.
    #[must_use]
    pub fn too_many_requests(retry_after: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS)
            .with_detail("the limit of requests is reached")
            .with_retry_after(retry_after)
    }

    /// 503: cannot be served now.
    #[must_use]
    pub fn unavailable(detail: impl Into<String>, retry_after: Option<Duration>) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE).with_detail(detail);
        match retry_after {
            Some(wait) => problem.with_retry_after(wait),
            None => problem,
        }
    }

    /// 502: something behind this service answered what cannot be used.
    #[must_use]
    pub fn bad_gateway(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_GATEWAY).with_detail(detail)
    }

    /// 504: not done in time.
    #[must_use]
    pub fn gateway_timeout(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT).with_detail(detail)
    }

    /// 501: nobody has written yet what is done here.
    #[must_use]
    pub fn not_implemented(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED).with_detail(detail)
    }

    /// 500: our fault. The caller learns nothing but that; the cause is logged at the boundary.
    #[must_use]
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR)
            .with_detail("the service failed; the log of this trace says why")
            .with_source(source)
    }
}
