//! Tells a message that cannot be dealt with from a world in which none can be: an outage passes, and is nobody's fault here.

use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use http::StatusCode;

use super::MessageError;
use crate::client::ClientError;
use crate::problem::Problem;
use crate::storage::StoreError;

/// Whether a failure has its cause in something that is not available now: the store, the broker, or a service that is called.
pub(super) fn is_outage(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(problem) = error.downcast_ref::<Problem>()
            && problem.status() != StatusCode::BAD_GATEWAY
            && problem.status() != StatusCode::INTERNAL_SERVER_ERROR
        {
            return passes(problem.status());
        }
        match error.downcast_ref::<ClientError>() {
            Some(ClientError::Status { problem, .. }) => return passes(problem.status()),
            Some(failed) => return failed.is_transient(),
            None => {}
        }
        let store = error.downcast_ref::<StoreError>();
        let broker = error.downcast_ref::<MessageError>();
        if matches!(store, Some(StoreError::Unavailable { .. }))
            || matches!(
                broker,
                Some(
                    MessageError::Broker { .. }
                        | MessageError::NotLetIn { .. }
                        | MessageError::NotTrusted { .. }
                )
            )
        {
            return true;
        }
        next = error.source();
    }
    false
}

fn passes(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

/// The outage that a receiver waits for the end of.
#[derive(Debug, Default)]
pub(super) struct Outage {
    tries: AtomicU32,
    reason: Mutex<Option<String>>,
}

impl Outage {
    /// Notes that it lasts, and says for how many tries by now.
    pub(super) fn goes_on(&self, reason: &str) -> u32 {
        *self.reason() = Some(reason.to_owned());
        self.tries.fetch_add(1, Ordering::SeqCst).saturating_add(1)
    }

    /// Notes that it is over, and says whether there was one.
    pub(super) fn ends(&self) -> bool {
        self.tries.swap(0, Ordering::SeqCst) > 0 && self.reason().take().is_some()
    }

    /// What is not available, while it lasts.
    pub(super) fn cause(&self) -> Option<String> {
        self.reason().clone()
    }

    fn reason(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn called(status: StatusCode) -> Problem {
        let (target, problem) = ("stock".to_owned(), Problem::new(status));
        ClientError::Status { target, problem }.into()
    }

    #[test]
    fn what_is_out_of_reach_is_an_outage() {
        let target = || "stock".to_owned();
        for problem in [
            Problem::unavailable("not now", None),
            Problem::from(StoreError::unavailable("write", "disk full")),
            Problem::internal(MessageError::broker("publish", "gone")),
            Problem::internal(MessageError::NotLetIn { user: None }),
            Problem::internal(MessageError::NotTrusted {
                server: "nats:4222".to_owned(),
                help: "renew it".to_owned(),
                said: "certificate expired".to_owned(),
            }),
            ClientError::Full { target: target() }.into(),
            ClientError::Timeout {
                target: target(),
                after: Duration::ZERO,
            }
            .into(),
            called(StatusCode::SERVICE_UNAVAILABLE),
        ] {
            assert!(is_outage(&problem), "{problem:?}");
        }
    }

    #[test]
    fn what_fails_for_this_message_alone_is_none() {
        for problem in [
            Problem::internal("a bug"),
            Problem::not_found("no such order"),
            Problem::from(StoreError::backend("write", "NOT NULL constraint failed")),
            called(StatusCode::INTERNAL_SERVER_ERROR),
            called(StatusCode::CONFLICT),
        ] {
            assert!(!is_outage(&problem), "{problem:?}");
        }
    }
}
