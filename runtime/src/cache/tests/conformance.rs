//! What every further level must do, whatever it stands on. Each case has two instances over one store.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use proptest::prelude::*;

use crate::cache::{Above, Cache, CacheLevel, CachePolicy, Hit, Keeper, Lease, Lookup};
use crate::shutdown::Shutdown;
use crate::worker::Worker;

pub(in crate::cache) type Level = Arc<dyn CacheLevel<u8, i64>>;

/// Two instances, which follow each other.
pub(in crate::cache) struct Pair {
    pub(in crate::cache) one: Level,
    pub(in crate::cache) two: Level,
    /// What cleans up behind them.
    pub(in crate::cache) _swept: Option<Box<dyn std::any::Any + Send>>,
}

const TTL: Duration = Duration::from_secs(60);

pub(in crate::cache) fn policy() -> CachePolicy {
    CachePolicy {
        ttl: TTL,
        negative_ttl: Some(TTL),
        max_entries: 100,
    }
}

pub(in crate::cache) async fn lease(level: &Level, key: u8) -> Lease {
    match level.get(&key).await.unwrap() {
        Lookup::Vacant(lease) => lease,
        other => panic!("expected a vacant place, found {other:?}"),
    }
}

pub(in crate::cache) async fn hit(level: &Level, key: u8) -> Hit<i64> {
    match level.get(&key).await.unwrap() {
        Lookup::Hit(hit) => hit,
        other => panic!("expected a value, found {other:?}"),
    }
}

/// A cache above a level, with the worker that keeps it true.
pub(in crate::cache) async fn kept(level: &Level) -> (Cache<u8, i64>, Shutdown) {
    let cache = Cache::new("c", policy()).level(level.clone(), TTL);
    let (keeper, shutdown) = (Keeper::new(&cache), Shutdown::new());
    let until = shutdown.clone();
    tokio::spawn(async move { keeper.run(&until).await });
    tokio::time::sleep(Duration::from_millis(5)).await;
    soon(|| level.follows()).await;
    (cache, shutdown)
}

/// Waits for what happens without being waited for.
pub(in crate::cache) async fn soon(mut happened: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if happened() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it did not happen");
}

pub(in crate::cache) async fn found(cache: &Cache<u8, i64>, value: Option<i64>) -> Option<i64> {
    let load = || async { Ok::<_, Infallible>(value) };
    cache.get_or_load(&1, load).await.unwrap()
}

pub(in crate::cache) async fn a_value_is_found_by_every_instance(pair: Pair) {
    for value in [Some(0), None] {
        let place = lease(&pair.one, 1).await;
        assert!(pair.one.put(&1, value.as_ref(), TTL, &place).await.unwrap());
        let found = hit(&pair.two, 1).await;
        assert_eq!(found.value, value);
        assert!(
            found.remaining <= TTL && found.remaining > TTL / 2,
            "{found:?}"
        );
        pair.two.invalidate(&1).await.unwrap();
    }
}

pub(in crate::cache) async fn a_value_is_gone_when_its_time_is_over(pair: Pair) {
    let place = lease(&pair.one, 1).await;
    let ttl = Duration::from_millis(30);
    pair.one.put(&1, Some(&7), ttl, &place).await.unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;
    lease(&pair.two, 1).await;
}

pub(in crate::cache) async fn who_asks_while_another_loads_waits_for_the_value(pair: Pair) {
    let place = lease(&pair.one, 1).await;
    let asking = tokio::spawn({
        let two = pair.two.clone();
        async move { hit(&two, 1).await.value }
    });
    tokio::time::sleep(Duration::from_millis(40)).await;
    pair.one.put(&1, Some(&7), TTL, &place).await.unwrap();
    assert_eq!(asking.await.unwrap(), Some(7));
}

pub(in crate::cache) async fn a_lease_that_is_given_back_goes_to_the_next(pair: Pair) {
    let place = lease(&pair.one, 1).await;
    pair.one.release(&1, &place).await.unwrap();
    let next = lease(&pair.two, 1).await;
    pair.one.release(&1, &place).await.unwrap();
    assert!(pair.two.put(&1, Some(&1), TTL, &next).await.unwrap());
}

pub(in crate::cache) async fn the_death_of_a_holder_costs_its_lease(pair: Pair) {
    let lost = lease(&pair.one, 1).await;
    let next = lease(&pair.two, 1).await;
    assert!(!pair.one.put(&1, Some(&1), TTL, &lost).await.unwrap());
    assert!(pair.two.put(&1, Some(&2), TTL, &next).await.unwrap());
    assert_eq!(hit(&pair.one, 1).await.value, Some(2));
}

pub(in crate::cache) async fn what_was_loaded_before_a_change_cannot_be_written_after_it(
    pair: Pair,
) {
    for everything in [false, true] {
        let before = lease(&pair.one, 1).await;
        match everything {
            true => pair.two.invalidate_all().await.unwrap(),
            false => pair.two.invalidate(&1).await.unwrap(),
        }
        assert!(!pair.one.put(&1, Some(&1), TTL, &before).await.unwrap());
        let after = lease(&pair.two, 1).await;
        assert!(!pair.one.put(&1, Some(&1), TTL, &before).await.unwrap());
        assert!(pair.two.put(&1, Some(&2), TTL, &after).await.unwrap());
        assert_eq!(hit(&pair.one, 1).await.value, Some(2));
        pair.one.invalidate(&1).await.unwrap();
    }
}

pub(in crate::cache) async fn everything_can_be_forgotten(pair: Pair) {
    for key in [1, 2] {
        let place = lease(&pair.one, key).await;
        pair.one.put(&key, Some(&7), TTL, &place).await.unwrap();
    }
    pair.two.invalidate_all().await.unwrap();
    for key in [1, 2] {
        lease(&pair.one, key).await;
    }
}

#[derive(Default)]
struct Heard(Mutex<Vec<Option<u8>>>);

#[async_trait]
impl Above<u8> for Heard {
    async fn forget(&self, key: &u8) {
        self.0.lock().unwrap().push(Some(*key));
    }

    async fn forget_all(&self) {
        self.0.lock().unwrap().push(None);
    }
}

pub(in crate::cache) async fn an_instance_hears_what_others_forget_and_not_its_own(pair: Pair) {
    let (heard, shutdown) = (Arc::new(Heard::default()), Shutdown::new());
    let following = tokio::spawn({
        let (two, heard, shutdown) = (pair.two.clone(), heard.clone(), shutdown.clone());
        async move { two.follow(&*heard, &shutdown).await.unwrap() }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    soon(|| pair.two.follows()).await;
    heard.0.lock().unwrap().clear();
    pair.two.invalidate(&9).await.unwrap();
    pair.one.invalidate(&1).await.unwrap();
    pair.one.invalidate_all().await.unwrap();
    soon(|| heard.0.lock().unwrap().len() == 2).await;
    assert_eq!(*heard.0.lock().unwrap(), [Some(1), None]);
    shutdown.trigger();
    following.await.unwrap();
}

pub(in crate::cache) async fn a_fleet_loads_a_hot_key_once(pair: Pair) {
    let ((one, _s1), (two, _s2)) = (kept(&pair.one).await, kept(&pair.two).await);
    let asked = Arc::new(AtomicU32::new(0));
    let asking = (0..40).map(|n| {
        let cache = [&one, &two][n % 2].clone();
        let asked = asked.clone();
        tokio::spawn(async move {
            let load = || async {
                asked.fetch_add(1, SeqCst);
                tokio::time::sleep(Duration::from_millis(30)).await;
                Ok::<_, Infallible>(Some(7))
            };
            cache.get_or_load(&1, load).await.unwrap()
        })
    });
    for answer in futures_util::future::join_all(asking).await {
        assert_eq!(answer.unwrap(), Some(7));
    }
    assert_eq!(asked.load(SeqCst), 1);
}

pub(in crate::cache) async fn a_change_through_one_is_seen_by_the_other(pair: Pair) {
    let ((one, _s1), (two, _s2)) = (kept(&pair.one).await, kept(&pair.two).await);
    for value in 0..20 {
        assert_eq!(found(&one, Some(value)).await, Some(value));
        assert_eq!(
            found(&two, Some(-1)).await,
            Some(value),
            "from the shared level"
        );
        one.invalidate(&1).await;
        let mut heard = None;
        for _ in 0..400 {
            heard = two.peek(&1).await;
            if heard.is_none() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(heard, None);
    }
}

/// Changes, loads of any length and invalidations of any order in both instances: once it is quiet, both know the truth, and
/// no asker of the instance that made a change ever gets what was before it.
pub(in crate::cache) async fn in_any_order_of_loads_and_changes_nothing_old_stays(
    pair: Pair,
    steps: Vec<Step>,
) {
    let ((one, s1), (two, s2)) = (kept(&pair.one).await, kept(&pair.two).await);
    let truth = Arc::new(Mutex::new(0_i64));
    let running = steps.into_iter().enumerate().map(|(place, step)| {
        let cache = [&one, &two][usize::from(step.second)].clone();
        let truth = truth.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(u64::from(step.at))).await;
            if step.changes {
                let mine = i64::try_from(place).unwrap() + 1;
                *truth.lock().unwrap() = mine;
                cache.invalidate(&1).await;
            }
            let least = if step.changes {
                *truth.lock().unwrap()
            } else {
                0
            };
            let load = || async {
                let seen = *truth.lock().unwrap();
                tokio::time::sleep(Duration::from_millis(u64::from(step.takes))).await;
                Ok::<_, Infallible>(Some(seen))
            };
            let before = *truth.lock().unwrap();
            let got = cache.get_or_load(&1, load).await.unwrap().unwrap();
            let after = *truth.lock().unwrap();
            // Where nobody changed it since our own change, it must be ours.
            if step.changes && before == after && least == before {
                assert_eq!(got, before);
            }
        })
    });
    for done in futures_util::future::join_all(running).await {
        done.unwrap();
    }
    let last = *truth.lock().unwrap();
    let mut known = [None; 2];
    for _ in 0..400 {
        known = [found(&one, Some(last)).await, found(&two, Some(last)).await];
        if known == [Some(last); 2] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(known, [Some(last); 2]);
    one.invalidate(&1).await;
    s1.trigger();
    s2.trigger();
}

#[derive(Clone, Debug)]
pub(in crate::cache) struct Step {
    at: u8,
    takes: u8,
    second: bool,
    changes: bool,
}

pub(in crate::cache) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..60_u8, 0..40_u8, any::<bool>(), any::<bool>());
    let step = step.prop_map(|(at, takes, second, changes)| Step {
        at,
        takes,
        second,
        changes,
    });
    proptest::collection::vec(step, 1..24)
}

/// The suite, for a function that makes a pair, or none where the part is not there.
macro_rules! conformance {
    ($pair:path, $($case:ident)*) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $case() {
            if let Some(pair) = $pair().await {
                $crate::cache::tests::conformance::$case(pair).await;
            }
        }
    )* };
    ($pair:path) => {
        $crate::cache::tests::conformance::conformance!($pair,
            a_value_is_found_by_every_instance
            a_value_is_gone_when_its_time_is_over
            who_asks_while_another_loads_waits_for_the_value
            a_lease_that_is_given_back_goes_to_the_next
            the_death_of_a_holder_costs_its_lease
            what_was_loaded_before_a_change_cannot_be_written_after_it
            everything_can_be_forgotten
            an_instance_hears_what_others_forget_and_not_its_own
            a_fleet_loads_a_hot_key_once
            a_change_through_one_is_seen_by_the_other
        );
    };
}
pub(in crate::cache) use conformance;
