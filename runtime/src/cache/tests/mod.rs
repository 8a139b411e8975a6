//! The cache against single cases, and against a plain map over random histories.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use proptest::prelude::*;

pub(super) mod conformance;
mod shelf;

use conformance::{Level, Pair};
use shelf::{Room, Shelf};

use super::*;
use crate::telemetry::Metrics;

fn policy() -> CachePolicy {
    CachePolicy {
        ttl: Duration::from_secs(60),
        negative_ttl: Some(Duration::from_secs(60)),
        max_entries: 100,
    }
}

/// A source that counts how often it is asked.
#[derive(Clone, Default)]
struct Source(Arc<AtomicU32>);

impl Source {
    async fn give<V>(&self, value: Option<V>) -> Result<Option<V>, Infallible> {
        self.0.fetch_add(1, SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(value)
    }

    fn asked(&self) -> u32 {
        self.0.load(SeqCst)
    }
}

#[tokio::test]
async fn empty_values_are_values() {
    let source = Source::default();
    let zeros: Cache<u8, i64> = Cache::new("zeros", policy());
    let texts: Cache<u8, String> = Cache::new("texts", policy());
    let flags: Cache<u8, bool> = Cache::new("flags", policy());
    for _ in 0..2 {
        assert_eq!(
            zeros
                .get_or_load(&1, || source.give(Some(0)))
                .await
                .unwrap(),
            Some(0)
        );
        assert_eq!(
            texts
                .get_or_load(&1, || source.give(Some(String::new())))
                .await
                .unwrap(),
            Some(String::new())
        );
        assert_eq!(
            flags
                .get_or_load(&1, || source.give(Some(false)))
                .await
                .unwrap(),
            Some(false)
        );
    }
    assert_eq!(source.asked(), 3);
}

#[tokio::test]
async fn however_many_ask_at_once_the_source_is_asked_once() {
    let (cache, source) = (Cache::<u8, u8>::new("c", policy()), Source::default());
    let asking = (0..50).map(|_| {
        let (cache, source) = (cache.clone(), source.clone());
        tokio::spawn(async move {
            cache
                .get_or_load(&1, || source.give(Some(5)))
                .await
                .unwrap()
        })
    });
    for answer in futures_util::future::join_all(asking).await {
        assert_eq!(answer.unwrap(), Some(5));
    }
    assert_eq!(source.asked(), 1);
}

#[tokio::test]
async fn that_there_is_none_is_remembered_for_its_own_time() {
    let negative_ttl = Some(Duration::from_millis(50));
    let (cache, source) = (
        Cache::<u8, u8>::new(
            "c",
            CachePolicy {
                negative_ttl,
                ..policy()
            },
        ),
        Source::default(),
    );
    for _ in 0..2 {
        assert_eq!(
            cache.get_or_load(&1, || source.give(None)).await.unwrap(),
            None
        );
    }
    assert_eq!(source.asked(), 1);
    tokio::time::sleep(Duration::from_millis(80)).await;
    assert_eq!(
        cache
            .get_or_load(&1, || source.give(Some(1)))
            .await
            .unwrap(),
        Some(1)
    );
}

#[tokio::test]
async fn without_a_time_for_it_that_there_is_none_is_not_remembered() {
    let cache = Cache::<u8, u8>::new(
        "c",
        CachePolicy {
            negative_ttl: None,
            ..policy()
        },
    );
    let source = Source::default();
    for _ in 0..2 {
        assert_eq!(
            cache.get_or_load(&1, || source.give(None)).await.unwrap(),
            None
        );
    }
    assert_eq!(source.asked(), 2);
}

#[tokio::test]
async fn a_value_holds_for_its_time_and_no_longer() {
    let ttl = Duration::from_millis(50);
    let (cache, source) = (
        Cache::<u8, u8>::new("c", CachePolicy { ttl, ..policy() }),
        Source::default(),
    );
    cache
        .get_or_load(&1, || source.give(Some(1)))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(80)).await;
    cache
        .get_or_load(&1, || source.give(Some(1)))
        .await
        .unwrap();
    assert_eq!(source.asked(), 2);
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let cache = Cache::<u8, u8>::new("c", policy());
    let failed = cache
        .get_or_load(&1, || async { Err::<Option<u8>, _>("down") })
        .await;
    assert_eq!(*failed.unwrap_err(), "down");
    let loaded = cache
        .get_or_load(&1, || async { Ok::<_, &str>(Some(3)) })
        .await;
    assert_eq!(loaded.unwrap(), Some(3));
}

#[tokio::test]
async fn what_was_changed_while_it_was_loaded_is_not_kept() {
    let (cache, source) = (Cache::<u8, u8>::new("c", policy()), Source::default());
    let loading = tokio::spawn({
        let (cache, source) = (cache.clone(), source.clone());
        async move {
            cache
                .get_or_load(&1, || source.give(Some(1)))
                .await
                .unwrap()
        }
    });
    tokio::time::sleep(Duration::from_millis(5)).await;
    cache.invalidate(&1).await;
    loading.await.unwrap();
    assert_eq!(cache.peek(&1).await, None);
}

/// A cache over a level that holds a value for its own time.
fn over(level: Level) -> Cache<u8, i64> {
    Cache::new("c", policy()).level(level, Duration::from_secs(60))
}

#[tokio::test]
async fn a_further_level_is_asked_before_the_source_and_filled_from_it() {
    let (room, source) = (Arc::new(Room::default()), Source::default());
    let one = over(Arc::new(Shelf::new(&room)));
    one.get_or_load(&1, || source.give(Some(9))).await.unwrap();
    let other = over(Arc::new(Shelf::new(&room)));
    let found = other.get_or_load(&1, || source.give(Some(8))).await;
    assert_eq!(found.unwrap(), Some(9));
    assert_eq!(source.asked(), 1);
    other.invalidate(&1).await;
    let level: Level = Arc::new(Shelf::new(&room));
    conformance::lease(&level, 1).await;
}

#[tokio::test]
async fn memory_keeps_a_value_no_longer_than_the_level_that_it_came_from() {
    let (room, source) = (Arc::new(Room::default()), Source::default());
    let level: Level = Arc::new(Shelf::new(&room));
    let place = conformance::lease(&level, 1).await;
    let ttl = Duration::from_millis(40);
    level.put(&1, Some(&9), ttl, &place).await.unwrap();
    let cache = over(level);
    let found = cache.get_or_load(&1, || source.give(None)).await;
    assert_eq!(found.unwrap(), Some(9));
    tokio::time::sleep(Duration::from_millis(70)).await;
    let found = cache.get_or_load(&1, || source.give(Some(2))).await;
    assert_eq!(found.unwrap(), Some(2));
}

#[tokio::test]
async fn a_level_that_fails_is_passed_over() {
    let (room, source) = (Arc::new(Room::default()), Source::default());
    room.broken.store(true, SeqCst);
    let cache = over(Arc::new(Shelf::new(&room)));
    let found = cache.get_or_load(&1, || source.give(Some(2))).await;
    assert_eq!(found.unwrap(), Some(2));
}

#[test]
#[should_panic(expected = "before it is cloned")]
fn a_level_that_a_clone_would_not_know_is_not_added() {
    let cache = Cache::<u8, i64>::new("c", policy());
    let _clone = cache.clone();
    let _ = cache.level(Arc::new(Shelf::new(&Arc::default())), Duration::ZERO);
}

#[tokio::test]
async fn a_failure_gives_the_place_free() {
    let room = Arc::new(Room::default());
    let failed = over(Arc::new(Shelf::new(&room)))
        .get_or_load(&1, || async { Err::<Option<i64>, _>("down") })
        .await;
    assert!(failed.is_err());
    let level: Level = Arc::new(Shelf::new(&room));
    conformance::lease(&level, 1).await;
}

#[tokio::test]
async fn who_asks_after_a_change_never_joins_a_load_from_before_it() {
    let cache = Cache::<u8, i64>::new("c", policy());
    let slow = tokio::spawn({
        let (cache, source) = (cache.clone(), Source::default());
        async move { cache.get_or_load(&1, || source.give(Some(1))).await }
    });
    tokio::time::sleep(Duration::from_millis(5)).await;
    cache.invalidate(&1).await;
    let load = || async { Ok::<_, Infallible>(Some(2)) };
    assert_eq!(cache.get_or_load(&1, load).await.unwrap(), Some(2));
    assert_eq!(
        slow.await.unwrap().unwrap(),
        Some(1),
        "right when it was asked"
    );
}

async fn shelves() -> Option<Pair> {
    let room = Arc::new(Room::default());
    Some(Pair {
        one: Arc::new(Shelf::unheard(&room)),
        two: Arc::new(Shelf::unheard(&room)),
        _swept: None,
    })
}

mod on_a_shelf {
    super::conformance::conformance!(super::shelves);
}

#[tokio::test]
async fn requests_are_counted_by_where_the_answer_was_found() {
    let room = Arc::new(Room::default());
    let caches = ["one", "two"].map(|service| {
        let metrics = Metrics::new(service);
        let shelf = Arc::new(Shelf::new(&room));
        let cache = Cache::<u8, i64>::new("c", policy()).level(shelf, policy().ttl);
        (cache.metrics(&metrics), metrics)
    });
    for (cache, _) in &caches {
        for _ in 0..3 {
            let found = cache.get_or_load(&1, || async { Ok::<_, Infallible>(Some(1)) });
            assert_eq!(found.await.unwrap(), Some(1));
        }
        let failed = cache.get_or_load(&2, || async { Err("the source is away") });
        failed.await.unwrap_err();
    }
    let counted = caches.map(|(_, metrics)| {
        let requests = metrics.counter("cache_requests_total", "", ["cache", "outcome"]);
        ["hit", "shared_hit", "miss"].map(|outcome| requests.get(["c", outcome]))
    });
    assert_eq!(counted, [[2, 0, 2], [2, 1, 1]]);
}

#[derive(Clone, Debug)]
enum Op {
    Write(u8, Option<i64>),
    Read(u8),
    InvalidateAll,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0..4_u8, proptest::option::of(0..3_i64)).prop_map(|(key, value)| Op::Write(key, value)),
        5 => (0..4_u8).prop_map(Op::Read),
        1 => Just(Op::InvalidateAll),
    ]
}

proptest! {
    /// With every write followed by an invalidation, reading through the cache is reading the source.
    #[test]
    fn a_cache_that_is_told_of_writes_never_lies(ops in proptest::collection::vec(op(), 1..60), levels in 0..3_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut cache = Cache::<u8, i64>::new("c", policy());
            for _ in 0..levels {
                let shelf = Arc::new(Shelf::new(&Arc::default()));
                cache = cache.level(shelf, Duration::from_secs(60));
            }
            let mut truth: BTreeMap<u8, i64> = BTreeMap::new();
            for op in ops {
                match op {
                    Op::Write(key, value) => {
                        match value {
                            Some(value) => truth.insert(key, value),
                            None => truth.remove(&key),
                        };
                        cache.invalidate(&key).await;
                    }
                    Op::Read(key) => {
                        let held = truth.get(&key).copied();
                        let read = cache.get_or_load(&key, || async { Ok::<_, Infallible>(held) }).await;
                        prop_assert_eq!(read.unwrap(), held);
                    }
                    Op::InvalidateAll => cache.invalidate_all().await,
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn in_any_order_of_loads_and_changes_nothing_old_stays(steps in conformance::steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let pair = shelves().await.expect("made");
            conformance::in_any_order_of_loads_and_changes_nothing_old_stays(pair, steps).await;
        });
    }
}

mod records {
    use http::StatusCode;
    use uuid::Uuid;

    use super::*;
    use crate::messaging::embedded::EmbeddedBus;
    use crate::messaging::{Bus, Envelope, Event as _};
    use crate::problem::{Problem, Result};
    use crate::storage::testing::{Thing, ThingMade, database, insert};
    use crate::storage::{Database, Filter};

    async fn count(cache: &Cache<Uuid, i64>, database: &Database, id: Uuid) -> Result<i64> {
        let load = async || {
            let mut uow = database.read().await?;
            Ok(uow.repository::<Thing>().get(id).await?.count)
        };
        cache.read(id, load).await
    }

    #[tokio::test]
    async fn what_is_changed_is_forgotten_after_the_commit_and_not_before() {
        let (database, _folder) = database().await;
        let cache = Cache::new("things", policy()).of::<Thing>(&database);
        let id = insert(&database, Thing::named("a")).await.id;
        assert_eq!(count(&cache, &database, id).await.unwrap(), 5);
        let mut uow = database.begin().await.unwrap();
        let mut things = uow.repository::<Thing>();
        things
            .adjust(Filter::eq("id", id), &[("count", 2)], &[])
            .await
            .unwrap();
        assert_eq!(cache.peek(&id).await, Some(Some(5)));
        uow.commit().await.unwrap();
        assert_eq!(cache.peek(&id).await, None);
        assert_eq!(count(&cache, &database, id).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn what_is_taken_back_or_removed_is_forgotten() {
        let (database, _folder) = database().await;
        let cache = Cache::new("things", policy()).of::<Thing>(&database);
        let id = insert(&database, Thing::named("a")).await.id;
        let mut uow = database.begin().await.unwrap();
        uow.record_undo();
        let mut things = uow.repository::<Thing>();
        things
            .set(Filter::eq("id", id), &[("count", 9)])
            .await
            .unwrap();
        let log = uow.take_undo();
        uow.commit().await.unwrap();
        assert_eq!(count(&cache, &database, id).await.unwrap(), 9);
        database
            .write(async |uow| uow.undo(&log).await)
            .await
            .unwrap();
        assert_eq!(count(&cache, &database, id).await.unwrap(), 5);
        let removed = database
            .write(async |uow| uow.repository::<Thing>().delete(id).await)
            .await;
        removed.unwrap();
        let problem = count(&cache, &database, id).await.unwrap_err();
        assert_eq!(problem.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn nothing_is_forgotten_when_nothing_was_committed() {
        let (database, _folder) = database().await;
        let cache = Cache::new("things", policy()).of::<Thing>(&database);
        let id = insert(&database, Thing::named("a")).await.id;
        count(&cache, &database, id).await.unwrap();
        let mut uow = database.begin().await.unwrap();
        uow.repository::<Thing>().delete(id).await.unwrap();
        uow.rollback().await.unwrap();
        assert_eq!(cache.peek(&id).await, Some(Some(5)));
    }

    #[tokio::test]
    async fn a_record_that_was_missed_is_found_once_it_is_there() {
        let (database, _folder) = database().await;
        let cache = Cache::new("things", policy()).of::<Thing>(&database);
        let mut thing = Thing::named("a");
        thing.id = Uuid::now_v7();
        let id = thing.id;
        count(&cache, &database, id).await.unwrap_err();
        assert_eq!(cache.peek(&id).await, Some(None));
        insert(&database, thing).await;
        assert_eq!(count(&cache, &database, id).await.unwrap(), 5);
    }

    #[tokio::test]
    async fn other_problems_are_answered_and_not_remembered() {
        let cache = Cache::<Uuid, i64>::new("things", policy());
        let id = Uuid::now_v7();
        let refused = cache.read(id, async || Err(Problem::forbidden("no"))).await;
        assert_eq!(refused.unwrap_err().status(), StatusCode::FORBIDDEN);
        assert_eq!(cache.read(id, async || Ok(1)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn an_event_comes_again_until_the_level_that_instances_share_has_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let bus = EmbeddedBus::open(&folder.path().join("broker.db")).await;
        let bus: Arc<dyn Bus> = Arc::new(bus.unwrap());
        let event = ThingMade {
            thing_id: Uuid::now_v7(),
        };
        let message = Envelope::of(&event, "things", chrono::Utc::now()).unwrap();
        bus.publish(&[message]).await.unwrap();
        let room = Arc::new(Room::default());
        let cache = over(Arc::new(Shelf::new(&room)));
        let load = || async { Ok::<_, Infallible>(Some(7)) };
        cache.get_or_load(&1, load).await.unwrap();
        let group = EvictionGroup::of_all("things");
        let eviction = Eviction::new(group, cache, bus.clone(), |_: &ThingMade| Some(1));
        room.broken.store(true, SeqCst);
        assert_eq!(eviction.drain().await.unwrap(), 1);
        assert_eq!(
            bus.lag(ThingMade::TOPIC, "things").await.unwrap(),
            1,
            "it is still to be done"
        );
        room.broken.store(false, SeqCst);
        while bus.lag(ThingMade::TOPIC, "things").await.unwrap() > 0 {
            eviction.drain().await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let level: Level = Arc::new(Shelf::new(&room));
        conformance::lease(&level, 1).await;
    }

    #[tokio::test]
    async fn what_was_loaded_before_events_come_is_forgotten_where_none_will_tell_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let bus = EmbeddedBus::open(&folder.path().join("broker.db")).await;
        let bus: Arc<dyn Bus> = Arc::new(bus.unwrap());
        let id = Uuid::now_v7();
        let own = EvictionGroup::of_instance("things.cache", "one");
        let shared = EvictionGroup::of_all("things.cache");
        for (group, left) in [(own, None), (shared, Some(Some(1)))] {
            let cache = Cache::<Uuid, i64>::new("things", policy());
            cache.read(id, async || Ok(1)).await.unwrap();
            let key = |event: &ThingMade| Some(event.thing_id);
            let eviction = Eviction::new(group, cache.clone(), bus.clone(), key);
            assert_eq!(eviction.drain().await.unwrap(), 0);
            assert_eq!(cache.peek(&id).await, left);
        }
    }

    #[tokio::test]
    async fn an_event_that_cannot_be_read_makes_an_instance_forget_everything() {
        let folder = tempfile::tempdir().unwrap();
        let bus = EmbeddedBus::open(&folder.path().join("broker.db")).await;
        let bus: Arc<dyn Bus> = Arc::new(bus.unwrap());
        let (id, event) = (
            Uuid::now_v7(),
            ThingMade {
                thing_id: Uuid::now_v7(),
            },
        );
        let mut message = Envelope::of(&event, "things", chrono::Utc::now()).unwrap();
        message.payload = "torn".into();
        bus.publish(&[message]).await.unwrap();
        let own = EvictionGroup::of_instance("things.cache", "one");
        let shared = EvictionGroup::of_all("things.cache");
        for (group, name, left, letters) in [
            (own, "things.cache.one", None, 0),
            (shared, "things.cache", Some(Some(1)), 1),
        ] {
            let cache = Cache::<Uuid, i64>::new("things", policy());
            let key = |event: &ThingMade| Some(event.thing_id);
            let eviction = Eviction::new(group, cache.clone(), bus.clone(), key);
            cache.read(id, async || Ok(1)).await.unwrap();
            assert_eq!(eviction.drain().await.unwrap(), 1);
            assert_eq!(cache.peek(&id).await, left);
            assert_eq!(bus.dead_letter_count(name).await.unwrap(), letters);
        }
    }

    #[tokio::test]
    async fn every_instance_forgets_when_an_event_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let bus = EmbeddedBus::open(&folder.path().join("broker.db")).await;
        let bus: Arc<dyn Bus> = Arc::new(bus.unwrap());
        let id = Uuid::now_v7();
        let event = ThingMade { thing_id: id };
        let message = Envelope::of(&event, "things", chrono::Utc::now()).unwrap();
        bus.publish(&[message]).await.unwrap();
        for instance in ["one", "two"] {
            let cache = Cache::<Uuid, i64>::new("things", policy());
            cache.read(id, async || Ok(1)).await.unwrap();
            let group = EvictionGroup::of_instance("things.cache", instance);
            let key = |event: &ThingMade| Some(event.thing_id);
            let eviction = Eviction::new(group, cache.clone(), bus.clone(), key);
            assert_eq!(eviction.drain().await.unwrap(), 1);
            assert_eq!(cache.peek(&id).await, None);
        }
    }
}
