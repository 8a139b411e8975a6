//! Why a call did not give what was asked for.

use std::time::Duration;

use http::StatusCode;

use super::transport::TransportError;
use crate::problem::Problem;

/// Why a call did not give what was asked for. Each names the service that was called.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The base address is none.
    #[error(
        "`{address}` is no address of {target}: it must begin with http:// or https:// and name a host"
    )]
    Address {
        /// The service to be called.
        target: String,
        /// The address as given.
        address: String,
    },
    /// Nobody told the address.
    #[error("{target} is not called: its address is not set")]
    Nowhere {
        /// The service to be called.
        target: String,
    },
    /// The request cannot be written.
    #[error("the request to {target} cannot be written: {reason}")]
    Request {
        /// The service to be called.
        target: String,
        /// Why not.
        reason: String,
    },
    /// The circuit breaker is open.
    #[error("{target} is not called: its circuit breaker is open")]
    Open {
        /// The service to be called.
        target: String,
        /// When to try again.
        retry_after: Duration,
    },
    /// Too many calls are under way.
    #[error("{target} is not called: too many calls to it are under way")]
    Full {
        /// The service to be called.
        target: String,
    },
    /// The deadline of the request left no time.
    #[error("the deadline of the request passed while calling {target}")]
    Deadline {
        /// The service that was called.
        target: String,
    },
    /// The service did not answer in time.
    #[error("{target} did not answer within {} ms", after.as_millis())]
    Timeout {
        /// The service that was called.
        target: String,
        /// The time that one try has.
        after: Duration,
    },
    /// No answer came.
    #[error("{target} could not be reached: {source}")]
    Transport {
        /// The service that was called.
        target: String,
        /// Why not.
        source: TransportError,
    },
    /// The service answered with an error.
    #[error("{target} answered {problem}")]
    Status {
        /// The service that was called.
        target: String,
        /// What it answered.
        problem: Problem,
    },
    /// The answer is not what it should be.
    #[error("the answer of {target} cannot be read: {source}")]
    Decode {
        /// The service that was called.
        target: String,
        /// Why not.
        source: serde_json::Error,
    },
}

impl ClientError {
    /// The status of the answer, if an answer came.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Status { problem, .. } => Some(problem.status()),
            _ => None,
        }
    }

    /// Whether the service said that there is no such thing.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(StatusCode::NOT_FOUND)
    }

    /// Whether the same call may succeed later: the service was not reached, busy, or too slow.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Nowhere { .. } | Self::Open { .. } | Self::Full { .. } => true,
            Self::Deadline { .. } => true,
            Self::Timeout { .. } | Self::Transport { .. } => true,
            Self::Status { problem, .. } => {
                problem.status().is_server_error()
                    || problem.status() == StatusCode::TOO_MANY_REQUESTS
            }
            Self::Address { .. } | Self::Request { .. } | Self::Decode { .. } => false,
        }
    }
}

/// What the caller of this service is told when a service behind it fails: the kind, never the other's own words.
impl From<ClientError> for Problem {
    fn from(error: ClientError) -> Self {
        let problem = match &error {
            ClientError::Open {
                target,
                retry_after,
            } => Self::unavailable(format!("{target} is not available now"), Some(*retry_after)),
            ClientError::Nowhere { target } => {
                Self::unavailable(format!("{target} is not available here"), None)
            }
            ClientError::Full { target } => Self::unavailable(format!("{target} is busy"), None),
            ClientError::Deadline { target } | ClientError::Timeout { target, .. } => {
                Self::gateway_timeout(format!("{target} did not answer in time"))
            }
            ClientError::Transport { target, .. } | ClientError::Decode { target, .. } => {
                Self::bad_gateway(format!("{target} could not be used"))
            }
            ClientError::Status { target, problem }
                if problem.status() == StatusCode::SERVICE_UNAVAILABLE =>
            {
                Self::unavailable(
                    format!("{target} is not available now"),
                    problem.retry_after(),
                )
            }
            ClientError::Status { target, problem } => {
                Self::bad_gateway(format!("{target} answered {}", problem.status().as_u16()))
            }
            ClientError::Address { .. } | ClientError::Request { .. } => {
                return Self::internal(error);
            }
        };
        problem.with_source(error)
    }
}
