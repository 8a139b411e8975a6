//! Trying again: how often, and how long to wait in between.

use std::time::Duration;

/// How often and how soon to try again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Tries in all, the first included.
    pub max_attempts: u32,
    /// The pause before the second try.
    pub base_delay: Duration,
    /// The longest pause, before jitter.
    pub max_delay: Duration,
    /// What each pause is of the one before.
    pub backoff_factor: f64,
    /// Whether a pause is shortened at random, to a half at most, so that many callers do not come back at once.
    pub jitter: bool,
}

impl RetryPolicy {
    /// One try, and no more.
    pub const NEVER: Self = Self {
        max_attempts: 1,
        base_delay: Duration::ZERO,
        max_delay: Duration::ZERO,
        backoff_factor: 1.0,
        jitter: false,
    };

    /// The pause after a failed try (the first is 1), or nothing if it was the last.
    #[must_use]
    pub fn pause_after(&self, attempt: u32) -> Option<Duration> {
        (attempt < self.max_attempts).then(|| self.delay(attempt, random_unit()))
    }

    /// The pause after a failed try, for a given random number from 0 to 1:
    /// `min(base_delay * backoff_factor^(attempt - 1), max_delay)`, and with jitter that times a factor from 0.5 to 1.
    #[must_use]
    pub fn delay(&self, attempt: u32, random: f64) -> Duration {
        let exponent = f64::from(attempt.saturating_sub(1));
        let seconds = self.base_delay.as_secs_f64() * self.backoff_factor.max(0.0).powf(exponent);
        let capped = seconds.min(self.max_delay.as_secs_f64());
        let share = if self.jitter {
            0.5 + random.clamp(0.0, 1.0) * 0.5
        } else {
            1.0
        };
        Duration::try_from_secs_f64(capped * share).unwrap_or(self.max_delay)
    }
}

/// A number from 0 to 1. Without a source of randomness all callers get 1, which is only less spread out.
pub(crate) fn random_unit() -> f64 {
    getrandom::u32().map_or(1.0, |bits| f64::from(bits) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        max_attempts: 4,
        base_delay: Duration::from_millis(100),
        max_delay: Duration::from_millis(300),
        backoff_factor: 2.0,
        jitter: false,
    };

    #[test]
    fn pauses_grow_by_the_factor_up_to_the_cap() {
        let pauses: Vec<_> = (1..=4).map(|attempt| POLICY.pause_after(attempt)).collect();
        let ms = |ms| Some(Duration::from_millis(ms));
        assert_eq!(pauses, [ms(100), ms(200), ms(300), None]);
    }

    #[test]
    fn the_cap_comes_before_the_jitter() {
        let policy = RetryPolicy {
            jitter: true,
            ..POLICY
        };
        assert_eq!(policy.delay(9, 0.0), Duration::from_millis(150));
        assert_eq!(policy.delay(9, 1.0), Duration::from_millis(300));
    }

    #[test]
    fn a_policy_of_one_try_never_tries_again() {
        assert_eq!(RetryPolicy::NEVER.pause_after(1), None);
    }

    proptest! {
        #[test]
        fn a_pause_lies_between_half_its_measure_and_its_measure(
            attempt in 1..2000_u32, base in 0..10_000_u64, max in 0..100_000_u64, factor in 0.0..10.0_f64,
            random in 0.0..=1.0_f64,
        ) {
            let plain = RetryPolicy {
                max_attempts: u32::MAX,
                base_delay: Duration::from_millis(base),
                max_delay: Duration::from_millis(max),
                backoff_factor: factor,
                jitter: false,
            };
            let measure = plain.delay(attempt, random);
            let pause = RetryPolicy { jitter: true, ..plain }.delay(attempt, random);
            prop_assert!(measure <= plain.max_delay);
            prop_assert!(pause <= measure);
            prop_assert!(pause + Duration::from_nanos(1) >= measure / 2);
        }

        #[test]
        fn pauses_never_shrink_with_a_factor_of_one_or_more(attempt in 1..500_u32, factor in 1.0..5.0_f64) {
            let policy = RetryPolicy { backoff_factor: factor, ..POLICY };
            prop_assert!(policy.delay(attempt, 0.0) <= policy.delay(attempt + 1, 0.0));
        }
    }
}
