//! Working until the deadline of the request, and not beyond it.

use std::future::Future;

use crate::context::{Deadline, RequestContext};

/// The deadline of the request has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the deadline of the request has passed")]
pub struct DeadlinePassed;

/// Runs a future until a deadline, or until the request's own if that is earlier.
///
/// # Errors
/// [`DeadlinePassed`]; the future is dropped.
pub async fn before<F: Future>(deadline: Deadline, future: F) -> Result<F::Output, DeadlinePassed> {
    let own = RequestContext::try_current().and_then(|context| context.deadline);
    let until = own.map_or(deadline, |own| own.min(deadline));
    tokio::time::timeout_at(until.instant(), future)
        .await
        .map_err(|_| DeadlinePassed)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_requests_own_deadline_counts_when_it_is_earlier() {
        let began = tokio::time::Instant::now();
        let context =
            RequestContext::root().with_deadline(Deadline::after(Duration::from_millis(50)));
        let late = Deadline::after(Duration::from_secs(5));
        let outcome = context
            .scope(before(late, std::future::pending::<()>()))
            .await;
        assert_eq!(outcome, Err(DeadlinePassed));
        assert_eq!(began.elapsed(), Duration::from_millis(50));
    }
}
