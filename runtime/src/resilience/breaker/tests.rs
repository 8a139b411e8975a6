//! The breaker against single cases, and against a plain model over random histories.

use proptest::prelude::*;

use super::*;
use crate::resilience::ManualClock;

const POLICY: BreakerPolicy = BreakerPolicy {
    failure_threshold: 3,
    monitor_window: Duration::from_secs(60),
    recovery_timeout: Duration::from_secs(30),
    success_threshold: 2,
};

fn breaker() -> (Breaker, ManualClock) {
    let clock = ManualClock::default();
    (Breaker::with_clock(POLICY, clock.clone()), clock)
}

fn opened() -> (Breaker, ManualClock) {
    let (breaker, clock) = breaker();
    (0..3).for_each(|_| breaker.admit().unwrap().failure());
    assert_eq!(breaker.state(), BreakerState::Open);
    (breaker, clock)
}

#[test]
fn a_breaker_opens_at_the_threshold_and_not_before() {
    let (breaker, _) = breaker();
    breaker.admit().unwrap().failure();
    breaker.admit().unwrap().failure();
    assert_eq!(breaker.state(), BreakerState::Closed);
    breaker.admit().unwrap().failure();
    assert_eq!(breaker.state(), BreakerState::Open);
}

#[test]
fn failures_outside_the_window_are_forgotten() {
    let (breaker, clock) = breaker();
    breaker.admit().unwrap().failure();
    breaker.admit().unwrap().failure();
    clock.advance(Duration::from_secs(60));
    breaker.admit().unwrap().failure();
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_success_does_not_wipe_out_the_failures_of_the_window() {
    let (breaker, _) = breaker();
    breaker.admit().unwrap().failure();
    breaker.admit().unwrap().failure();
    breaker.admit().unwrap().success();
    breaker.admit().unwrap().failure();
    assert_eq!(breaker.state(), BreakerState::Open);
}

#[test]
fn an_open_breaker_says_when_to_try_again() {
    let (breaker, clock) = opened();
    clock.advance(Duration::from_secs(10));
    assert_eq!(
        breaker.admit().unwrap_err().retry_after,
        Duration::from_secs(20)
    );
}

#[test]
fn half_open_lets_only_as_many_probes_through_as_must_succeed() {
    let (breaker, clock) = opened();
    clock.advance(Duration::from_secs(30));
    let probes = [breaker.admit().unwrap(), breaker.admit().unwrap()];
    assert!(breaker.admit().is_err());
    probes.into_iter().for_each(Permit::success);
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn one_failed_probe_opens_it_again() {
    let (breaker, clock) = opened();
    clock.advance(Duration::from_secs(30));
    breaker.admit().unwrap().success();
    breaker.admit().unwrap().failure();
    assert_eq!(breaker.state(), BreakerState::Open);
    assert_eq!(
        breaker.admit().unwrap_err().retry_after,
        Duration::from_secs(30)
    );
}

#[test]
fn a_probe_that_is_given_up_frees_its_place() {
    let (breaker, clock) = opened();
    clock.advance(Duration::from_secs(30));
    let first = breaker.admit().unwrap();
    let second = breaker.admit().unwrap();
    drop(first);
    second.success();
    breaker.admit().unwrap().success();
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_call_from_before_the_opening_is_not_heard_afterwards() {
    let (breaker, clock) = breaker();
    let old = breaker.admit().unwrap();
    (0..3).for_each(|_| breaker.admit().unwrap().failure());
    clock.advance(Duration::from_secs(30));
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    old.failure();
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
}

#[test]
fn the_state_is_told_by_a_gauge() {
    let metrics = Metrics::new("s");
    let breaker = Breaker::observed(POLICY, "stock", &metrics);
    assert!(
        metrics
            .render()
            .contains(r#"circuit_breaker_state{service="s",name="stock"} 0"#)
    );
    (0..3).for_each(|_| breaker.admit().unwrap().failure());
    assert!(
        metrics
            .render()
            .contains(r#"circuit_breaker_state{service="s",name="stock"} 1"#)
    );
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Advance(u64),
    Begin,
    Succeed(usize),
    Fail(usize),
    GiveUp(usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => (0..40_u64).prop_map(Op::Advance),
        4 => Just(Op::Begin),
        2 => (0..8_usize).prop_map(Op::Succeed),
        3 => (0..8_usize).prop_map(Op::Fail),
        1 => (0..8_usize).prop_map(Op::GiveUp),
    ]
}

proptest! {
    /// Whatever happens: an open breaker admits nobody before its time, a half-open one never more than it needs, and a
    /// closed one has fewer failures within the window than the threshold.
    #[test]
    fn no_history_breaks_the_promises(ops in proptest::collection::vec(op(), 1..200)) {
        let (breaker, clock) = breaker();
        let mut running: Vec<Permit> = Vec::new();
        let mut opened_at: Option<Duration> = None;
        let mut failures: Vec<Duration> = Vec::new();
        let mut probes = 0_u32;
        for op in ops {
            let before = breaker.state();
            match op {
                Op::Advance(seconds) => clock.advance(Duration::from_secs(seconds)),
                Op::Begin => match breaker.admit() {
                    Ok(permit) => {
                        prop_assert_ne!(before, BreakerState::Open);
                        probes += u32::from(before == BreakerState::HalfOpen);
                        running.push(permit);
                    }
                    Err(open) => {
                        prop_assert_ne!(before, BreakerState::Closed);
                        if before == BreakerState::Open {
                            let at = opened_at.unwrap();
                            prop_assert_eq!(open.retry_after, at + POLICY.recovery_timeout - clock.now());
                        }
                    }
                },
                Op::Succeed(i) if i < running.len() => running.swap_remove(i).success(),
                Op::Fail(i) if i < running.len() => {
                    let permit = running.swap_remove(i);
                    if before == BreakerState::Closed && permit.generation == breaker.machine_generation() {
                        failures.push(clock.now());
                    }
                    permit.failure();
                }
                Op::GiveUp(i) if i < running.len() => {
                    let permit = running.swap_remove(i);
                    let own = permit.generation == breaker.machine_generation();
                    probes -= u32::from(own && before == BreakerState::HalfOpen);
                }
                _ => {}
            }
            let after = breaker.state();
            if after == BreakerState::Open && before != BreakerState::Open {
                opened_at = Some(clock.now());
            }
            if after != before {
                probes = 0;
                failures.clear();
            }
            prop_assert!(probes <= POLICY.success_threshold);
            if after == BreakerState::Closed {
                let now = clock.now();
                let recent = failures.iter().filter(|at| now - **at < POLICY.monitor_window).count();
                prop_assert!(recent < POLICY.failure_threshold as usize);
            }
        }
    }
}

impl Breaker {
    fn machine_generation(&self) -> u64 {
        let _ = self.state();
        self.machine().generation()
    }
}
