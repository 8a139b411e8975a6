//! The end of a request, told once: also of one whose connection is closed before it is answered, when its future is dropped.

use std::time::{Duration, Instant};

use http::StatusCode;

/// What nginx calls "client closed request"; no standard has a number for it.
const CLOSED: u16 = 499;

/// How a request ended.
pub(crate) struct Ended {
    /// The status of its answer, or 499 where nobody waited for one.
    pub(crate) status: StatusCode,
    /// How long that took.
    pub(crate) took: Duration,
    /// Whether it was answered.
    pub(crate) answered: bool,
}

/// A request that has not ended.
pub(crate) struct Ending<F: FnOnce(Ended)> {
    began: Instant,
    tell: Option<F>,
}

impl<F: FnOnce(Ended)> Ending<F> {
    /// A request that begins now, and whom to tell how it ends.
    pub(crate) fn of(tell: F) -> Self {
        Self {
            began: Instant::now(),
            tell: Some(tell),
        }
    }

    /// It is answered.
    pub(crate) fn answered(mut self, status: StatusCode) {
        self.ended(status, true);
    }

    fn ended(&mut self, status: StatusCode, answered: bool) {
        if let Some(tell) = self.tell.take() {
            let took = self.began.elapsed();
            tell(Ended {
                status,
                took,
                answered,
            });
        }
    }
}

impl<F: FnOnce(Ended)> Drop for Ending<F> {
    fn drop(&mut self) {
        let closed = StatusCode::from_u16(CLOSED).unwrap_or(StatusCode::REQUEST_TIMEOUT);
        self.ended(closed, false);
    }
}
