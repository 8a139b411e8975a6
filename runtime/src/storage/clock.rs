//! What time it is, as a value that tests can set.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use tokio::sync::watch;

/// Tells the time and waits for it.
pub trait Clock: Send + Sync + 'static {
    /// The moment, to the microsecond.
    fn now(&self) -> DateTime<Utc>;
    /// Completes once the moment has come.
    fn sleep_until(&self, moment: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }

    fn sleep_until(&self, moment: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            // In slices, so that a wall clock that was set is followed within a minute.
            while let Ok(left) = (moment - Utc::now()).to_std() {
                tokio::time::sleep(left.min(Duration::from_secs(60))).await;
            }
        })
    }
}

/// A clock that stands still until it is moved.
#[derive(Clone, Debug)]
pub struct ManualClock(watch::Sender<DateTime<Utc>>);

impl ManualClock {
    /// A clock that shows a moment.
    #[must_use]
    pub fn at(moment: DateTime<Utc>) -> Self {
        Self(watch::Sender::new(moment.trunc_subsecs(6)))
    }

    /// Moves the clock forward to a moment; never back.
    pub fn advance_to(&self, moment: DateTime<Utc>) {
        self.0.send_modify(|now| *now = (*now).max(moment));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.borrow()
    }

    fn sleep_until(&self, moment: DateTime<Utc>) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut now = self.0.subscribe();
        Box::pin(async move {
            // The sender lives as long as `self`, so the channel cannot close under the wait.
            let _ = now.wait_for(|now| *now >= moment).await;
        })
    }
}
