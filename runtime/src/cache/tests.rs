//! The cache against single cases, and against a plain map over random histories.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use proptest::prelude::*;

use super::*;
use crate::telemetry::Metrics;
use crate::worker::BoxError;

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

/// A further level that counts, and whose entries have a set time left.
#[derive(Clone, Default)]
struct Shelf {
    entries: Arc<Mutex<BTreeMap<u8, Hit<u8>>>>,
    broken: bool,
}

#[async_trait]
impl CacheLevel<u8, u8> for Shelf {
    fn name(&self) -> &str {
        "shelf"
    }

    async fn get(&self, key: &u8) -> Result<Option<Hit<u8>>, BoxError> {
        if self.broken {
            return Err("broken".into());
        }
        Ok(self.entries.lock().unwrap().get(key).cloned())
    }

    async fn put(&self, key: &u8, value: Option<&u8>, ttl: Duration) -> Result<(), BoxError> {
        self.entries.lock().unwrap().insert(
            *key,
            Hit {
                value: value.copied(),
                remaining: ttl,
            },
        );
        Ok(())
    }

    async fn invalidate(&self, key: &u8) -> Result<(), BoxError> {
        self.entries.lock().unwrap().remove(key);
        Ok(())
    }
}

#[tokio::test]
async fn a_further_level_is_asked_before_the_source_and_filled_from_it() {
    let (shelf, source) = (Shelf::default(), Source::default());
    Cache::new("a", policy())
        .level(shelf.clone())
        .get_or_load(&1, || source.give(Some(9)))
        .await
        .unwrap();
    let other = Cache::new("b", policy()).level(shelf.clone());
    assert_eq!(
        other
            .get_or_load(&1, || source.give(Some(8)))
            .await
            .unwrap(),
        Some(9)
    );
    assert_eq!(source.asked(), 1);
    other.invalidate(&1).await;
    assert!(shelf.entries.lock().unwrap().is_empty());
}

#[tokio::test]
async fn memory_keeps_a_value_no_longer_than_the_level_that_it_came_from() {
    let (shelf, source) = (Shelf::default(), Source::default());
    shelf.entries.lock().unwrap().insert(
        1,
        Hit {
            value: Some(9),
            remaining: Duration::from_millis(40),
        },
    );
    let cache = Cache::new("c", policy()).level(shelf.clone());
    assert_eq!(
        cache.get_or_load(&1, || source.give(None)).await.unwrap(),
        Some(9)
    );
    shelf.entries.lock().unwrap().clear();
    tokio::time::sleep(Duration::from_millis(70)).await;
    assert_eq!(
        cache
            .get_or_load(&1, || source.give(Some(2)))
            .await
            .unwrap(),
        Some(2)
    );
}

#[tokio::test]
async fn a_level_that_fails_is_passed_over() {
    let cache = Cache::new("c", policy()).level(Shelf {
        broken: true,
        ..Shelf::default()
    });
    let source = Source::default();
    assert_eq!(
        cache
            .get_or_load(&1, || source.give(Some(2)))
            .await
            .unwrap(),
        Some(2)
    );
}

#[tokio::test]
async fn hits_and_misses_are_counted() {
    let metrics = Metrics::new("s");
    let cache: Cache<u8, u8> = Cache::new("c", policy()).metrics(&metrics);
    for _ in 0..3 {
        cache
            .get_or_load(&1, || async { Ok::<_, Infallible>(Some(1)) })
            .await
            .unwrap();
    }
    let text = metrics.render();
    assert!(
        text.contains(r#"cache_requests_total{service="s",cache="c",outcome="hit"} 2"#),
        "{text}"
    );
    assert!(
        text.contains(r#"cache_requests_total{service="s",cache="c",outcome="miss"} 1"#),
        "{text}"
    );
}

#[derive(Clone, Debug)]
enum Op {
    Write(u8, Option<u8>),
    Read(u8),
    InvalidateAll,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0..4_u8, proptest::option::of(0..3_u8)).prop_map(|(key, value)| Op::Write(key, value)),
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
            let mut cache = Cache::<u8, u8>::new("c", policy());
            for _ in 0..levels {
                cache = cache.level(Shelf::default());
            }
            let mut truth: BTreeMap<u8, u8> = BTreeMap::new();
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
                    Op::InvalidateAll => cache.invalidate_all(),
                }
            }
            Ok(())
        })?;
    }
}

mod records {
    use http::StatusCode;
    use uuid::Uuid;

    use super::*;
    use crate::messaging::embedded::EmbeddedBus;
    use crate::messaging::{Bus, Envelope};
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
            cache.insert(id, 1).await;
            let name = format!("things.cache.{instance}");
            let key = |event: &ThingMade| Some(event.thing_id);
            let eviction = Eviction::new(name, cache.clone(), bus.clone(), key);
            assert_eq!(eviction.drain().await.unwrap(), 1);
            assert_eq!(cache.peek(&id).await, None);
        }
    }
}
