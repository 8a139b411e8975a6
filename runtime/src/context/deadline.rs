//! The moment until which the caller waits.

use std::time::Duration;

use tokio::time::Instant;

/// A moment after which an answer is of no use any more. The smaller of two deadlines is the earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline that lies this long ahead. A time too far to be counted means thirty years.
    #[must_use]
    pub fn after(time: Duration) -> Self {
        const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
        let now = Instant::now();
        Self(now.checked_add(time.min(FAR)).unwrap_or(now))
    }

    /// The deadline at a moment.
    #[must_use]
    pub fn at(moment: Instant) -> Self {
        Self(moment)
    }

    /// The moment itself, for `tokio::time::timeout_at`.
    #[must_use]
    pub fn instant(self) -> Instant {
        self.0
    }

    /// The time that is left; zero once the deadline has passed.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether the deadline has passed.
    #[must_use]
    pub fn expired(self) -> bool {
        self.remaining().is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_remaining_time_runs_down_to_zero() {
        let deadline = Deadline::after(Duration::from_secs(2));
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(deadline.remaining(), Duration::from_millis(1500));
        assert!(!deadline.expired());
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(deadline.remaining(), Duration::ZERO);
        assert!(deadline.expired());
    }

    #[test]
    fn an_endless_time_is_no_panic() {
        assert!(!Deadline::after(Duration::MAX).expired());
    }
}
