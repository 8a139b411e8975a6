//! The limiter against single cases, and its promise over random histories.

use proptest::prelude::*;

use super::*;
use crate::resilience::ManualClock;

const WINDOW: Duration = Duration::from_secs(60);

fn limiter(max_requests: u32, most_keys: usize) -> (RateLimiter, ManualClock) {
    let clock = ManualClock::default();
    let policy = RateLimitPolicy {
        window: WINDOW,
        max_requests,
    };
    (
        RateLimiter::with_clock(policy, clock.clone(), most_keys),
        clock,
    )
}

#[test]
fn the_wait_is_exact() {
    let (limiter, clock) = limiter(2, 10);
    limiter.admit("a").unwrap();
    clock.advance(Duration::from_secs(15));
    limiter.admit("a").unwrap();
    let wait = limiter.admit("a").unwrap_err().retry_after;
    assert_eq!(wait, Duration::from_secs(45));
    clock.advance(wait - Duration::from_nanos(1));
    assert!(limiter.admit("a").is_err());
    clock.advance(Duration::from_nanos(1));
    assert!(limiter.admit("a").is_ok());
}

#[test]
fn a_burst_at_the_border_of_two_windows_is_not_doubled() {
    let (limiter, clock) = limiter(3, 10);
    clock.advance(WINDOW - Duration::from_millis(1));
    (0..3).for_each(|_| limiter.admit("a").unwrap());
    clock.advance(Duration::from_millis(2));
    assert!(limiter.admit("a").is_err());
}

#[test]
fn callers_do_not_use_up_each_others_limit() {
    let (limiter, _) = limiter(1, 10);
    assert!(limiter.admit("a").is_ok() && limiter.admit("b").is_ok());
    assert!(limiter.admit("a").is_err());
}

#[test]
fn made_up_callers_fill_no_memory_and_share_one_limit() {
    let (limiter, clock) = limiter(1, 10);
    let admitted = (0..1000)
        .filter(|n| limiter.admit(&format!("caller-{n}")).is_ok())
        .count();
    assert_eq!(admitted, 11);
    assert!(limiter.logs.lock().unwrap().keys() <= 11);
    clock.advance(WINDOW);
    assert!(limiter.admit("new").is_ok());
    assert!(limiter.logs.lock().unwrap().keys() <= 2);
}

#[test]
fn a_limit_of_nothing_admits_nobody() {
    assert!(limiter(0, 10).0.admit("a").is_err());
}

proptest! {
    /// No window holds more than the limit; nobody is refused whose window has room; and the wait that is told is the wait.
    #[test]
    fn no_window_ever_holds_more_than_the_limit(
        max_requests in 1..6_u32,
        most_keys in 1..4_usize,
        steps in proptest::collection::vec((0..30_000_u64, 0..5_u8), 1..200),
    ) {
        let (limiter, clock) = limiter(max_requests, most_keys);
        let mut admitted: Vec<(u8, Duration)> = Vec::new();
        for (pause, key) in steps {
            clock.advance(Duration::from_millis(pause));
            let now = clock.now();
            let within = |log: &[(u8, Duration)]| {
                log.iter().filter(|(k, at)| *k == key && now - *at < WINDOW).count()
            };
            match limiter.admit(&key.to_string()) {
                Ok(()) => {
                    admitted.push((key, now));
                    prop_assert!(within(&admitted) <= max_requests as usize);
                }
                Err(limited) => {
                    prop_assert!(limited.retry_after > Duration::ZERO && limited.retry_after <= WINDOW);
                    if most_keys >= 3 && key == 0 && within(&admitted) == max_requests as usize {
                        let oldest = admitted.iter().find(|(k, at)| *k == key && now - *at < WINDOW).unwrap().1;
                        prop_assert!(now + limited.retry_after >= oldest + WINDOW);
                    }
                }
            }
        }
    }
}
