//! The cache itself: the memory of the process first, then the further levels, then the source.

use std::fmt;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use moka::Expiry;
use moka::future::Cache as Memory;

use super::level::{Above, CacheLevel, Hit, Lease, Lookup};
use crate::telemetry::{Counter, Metrics};
use crate::worker::BoxError;

/// How long and how much is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachePolicy {
    /// How long a value holds.
    pub ttl: Duration,
    /// How long it holds that there is no value; without it, that is not remembered.
    pub negative_ttl: Option<Duration>,
    /// How many entries are kept; those least used make room.
    pub max_entries: u64,
}

/// What can be a key.
pub trait CacheKey: Clone + Eq + Hash + Send + Sync + 'static {}
impl<T: Clone + Eq + Hash + Send + Sync + 'static> CacheKey for T {}

/// What can be a value.
pub trait CacheValue: Clone + Send + Sync + 'static {}
impl<T: Clone + Send + Sync + 'static> CacheValue for T {}

/// A cache. All clones share the entries.
pub struct Cache<K, V> {
    name: Arc<str>,
    policy: CachePolicy,
    memory: Memory<K, Entry<V>>,
    levels: Arc<[Level<K, V>]>,
    invalidations: Arc<Invalidations>,
    requests: Option<Counter<2>>,
}

/// A further level, and how long it keeps a value.
struct Level<K, V> {
    shelf: Arc<dyn CacheLevel<K, V>>,
    ttl: Duration,
}

/// A value, or that there is none, and for how long.
#[derive(Clone)]
struct Entry<V> {
    value: Option<V>,
    ttl: Duration,
    /// Whether it was found on a further level.
    shared: bool,
    /// The count of invalidations when it began to be loaded.
    began: u64,
    /// Whether nobody changed the thing until the entry was in its place: from then on, a change removes it.
    settled: Arc<AtomicBool>,
}

/// Counts invalidations, so that a value that was being loaded meanwhile is not kept. Keys are spread over several counts,
/// so that one that changes often does not keep the others out.
struct Invalidations([AtomicU64; 64]);

impl Invalidations {
    fn of<K: Hash>(&self, key: &K) -> &AtomicU64 {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % self.0.len() as u64).unwrap_or_default();
        &self.0[place]
    }

    fn all(&self) {
        for count in &self.0 {
            count.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Default for Invalidations {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

struct OwnTtl;

impl<K, V> Expiry<K, Entry<V>> for OwnTtl {
    fn expire_after_create(&self, _: &K, entry: &Entry<V>, _: Instant) -> Option<Duration> {
        Some(entry.ttl)
    }

    fn expire_after_update(
        &self,
        _: &K,
        entry: &Entry<V>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.ttl)
    }
}

impl<K: CacheKey, V: CacheValue> Cache<K, V> {
    /// An empty cache in the memory of the process.
    #[must_use]
    pub fn new(name: &str, policy: CachePolicy) -> Self {
        Self {
            name: name.into(),
            memory: Memory::builder()
                .max_capacity(policy.max_entries)
                .expire_after(OwnTtl)
                .build(),
            policy,
            levels: Arc::new([]),
            invalidations: Arc::default(),
            requests: None,
        }
    }

    /// Adds a further level behind those that are there, which keeps a value for its own time.
    ///
    /// # Panics
    /// When the cache was cloned already, by [`Cache::of`] too: the clone would not know the level, and forget nothing there.
    #[must_use]
    pub fn level(mut self, level: Arc<dyn CacheLevel<K, V>>, ttl: Duration) -> Self {
        assert!(
            Arc::strong_count(&self.invalidations) == 1,
            "the levels of a cache are added before it is cloned"
        );
        let level = Level { shelf: level, ttl };
        self.levels = self.levels.iter().cloned().chain([level]).collect();
        self
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn levels(&self) -> impl Iterator<Item = &dyn CacheLevel<K, V>> {
        self.levels.iter().map(|level| level.shelf.as_ref())
    }

    /// Counts requests in `cache_requests_total{cache, outcome}`: a `hit` in the memory of the process, a `shared_hit` on a further
    /// level, or a `miss`, for which the source was asked.
    #[must_use]
    pub fn metrics(mut self, metrics: &Metrics) -> Self {
        let help = "Requests to caches by outcome: hit, shared_hit, miss";
        self.requests = Some(metrics.counter("cache_requests_total", help, ["cache", "outcome"]));
        self
    }

    /// Gives the value of a key, from the nearest level that knows it, or else from the source. However many ask at once,
    /// the source is asked once. What the source does not have is `None`; what it fails with is not remembered. Who asks
    /// after a change never gets what was loaded before it.
    ///
    /// # Errors
    /// What the source failed with, shared by all who waited for it.
    pub async fn get_or_load<E, F, R>(&self, key: &K, load: F) -> Result<Option<V>, Arc<E>>
    where
        E: Send + Sync + 'static,
        F: FnOnce() -> R,
        R: Future<Output = Result<Option<V>, E>>,
    {
        let before = self.invalidations.of(key).load(Ordering::SeqCst);
        if let Some(entry) = self.memory.get(key).await
            && entry.holds(before)
        {
            self.count("hit");
            return Ok(entry.value);
        }
        let found = self.find(key, before, load).await;
        let shared = found.as_ref().is_ok_and(|entry| entry.shared);
        self.count(if shared { "shared_hit" } else { "miss" });
        Ok(found?.value)
    }

    /// Finds a key where memory does not know it: once for all who ask at once, and not from before a moment.
    async fn find<E, F, R>(&self, key: &K, before: u64, load: F) -> Result<Entry<V>, Arc<E>>
    where
        E: Send + Sync + 'static,
        F: FnOnce() -> R,
        R: Future<Output = Result<Option<V>, E>>,
    {
        let mut load = Some(load);
        loop {
            let loading = self.fetch(key, &mut load);
            let entry = self.memory.try_get_with_by_ref(key, loading).await?;
            self.settle(key, &entry).await;
            if entry.holds(before) {
                return Ok(entry);
            }
            // It was being loaded when the thing was changed, before we asked.
            self.memory.invalidate(key).await;
        }
    }

    /// What the memory of the process knows of a key: nothing, that there is no value, or the value.
    pub async fn peek(&self, key: &K) -> Option<Option<V>> {
        self.memory.get(key).await.map(|entry| entry.value)
    }

    /// Forgets a key on every level, and in every instance.
    pub async fn invalidate(&self, key: &K) {
        self.forgotten(key).await;
    }

    /// Forgets a key, and says whether every level could do so at once.
    pub(super) async fn forgotten(&self, key: &K) -> bool {
        self.invalidations.of(key).fetch_add(1, Ordering::SeqCst);
        let mut everywhere = true;
        // From the far end, so that no level is filled again from one behind it that still knows.
        for level in self.levels.iter().rev() {
            let done = self.heard(level, "forget", level.shelf.invalidate(key).await);
            everywhere &= done.is_some();
        }
        self.memory.invalidate(key).await;
        everywhere
    }

    /// Forgets everything on every level, and in every instance.
    pub async fn invalidate_all(&self) {
        self.all_forgotten().await;
    }

    /// Forgets everything, and says whether every level could do so at once.
    pub(super) async fn all_forgotten(&self) -> bool {
        self.invalidations.all();
        let mut everywhere = true;
        for level in self.levels.iter().rev() {
            let done = self.heard(level, "forget", level.shelf.invalidate_all().await);
            everywhere &= done.is_some();
        }
        self.memory.invalidate_all();
        everywhere
    }

    /// Asks the further levels in order, then the source.
    async fn fetch<E, F, R>(&self, key: &K, load: &mut Option<F>) -> Result<Entry<V>, E>
    where
        F: FnOnce() -> R,
        R: Future<Output = Result<Option<V>, E>>,
    {
        let began = self.invalidations.of(key).load(Ordering::SeqCst);
        let mut vacant: Vec<(&Level<K, V>, Lease)> = Vec::new();
        for level in self.levels.iter() {
            match self.heard(level, "read", level.shelf.get(key).await) {
                Some(Lookup::Hit(hit)) if !hit.remaining.is_zero() => {
                    self.fill(key, &hit, &vacant).await;
                    return Ok(self.entry(hit, true, began));
                }
                Some(Lookup::Vacant(lease)) => vacant.push((level, lease)),
                _ => {}
            }
        }
        let Some(load) = load.take() else {
            unreachable!("what was loaded for oneself holds, so it is loaded once");
        };
        match load().await {
            Ok(value) => {
                let remaining = Duration::MAX;
                let hit = Hit { value, remaining };
                self.fill(key, &hit, &vacant).await;
                Ok(self.entry(hit, false, began))
            }
            Err(error) => {
                for (level, lease) in vacant {
                    self.heard(level, "release", level.shelf.release(key, &lease).await);
                }
                Err(error)
            }
        }
    }

    /// Fills the places that a lookup found vacant, for no longer than the value holds.
    async fn fill(&self, key: &K, hit: &Hit<V>, vacant: &[(&Level<K, V>, Lease)]) {
        for (level, lease) in vacant {
            let ttl = hit.remaining.min(self.ttl_of(hit, level.ttl));
            let value = hit.value.as_ref();
            if ttl.is_zero() {
                self.heard(level, "release", level.shelf.release(key, lease).await);
            } else {
                self.heard(
                    level,
                    "write",
                    level.shelf.put(key, value, ttl, lease).await,
                );
            }
        }
    }

    /// What memory keeps of what was found: nothing while a level does not hear what others change.
    fn entry(&self, hit: Hit<V>, shared: bool, began: u64) -> Entry<V> {
        let follows = self.levels.iter().all(|level| level.shelf.follows());
        let ttl = hit.remaining.min(self.ttl_of(&hit, self.policy.ttl));
        Entry {
            value: hit.value,
            ttl: if follows { ttl } else { Duration::ZERO },
            shared,
            began,
            settled: Arc::default(),
        }
    }

    /// An entry is kept if nobody changed the thing until it was in its place; what comes after that removes it from there.
    async fn settle(&self, key: &K, entry: &Entry<V>) {
        if self.invalidations.of(key).load(Ordering::SeqCst) == entry.began {
            entry.settled.store(true, Ordering::SeqCst);
        } else {
            self.memory.invalidate(key).await;
        }
    }

    /// What a level answered; that it failed is logged, and it is passed over.
    fn heard<T>(&self, level: &Level<K, V>, what: &str, told: Result<T, BoxError>) -> Option<T> {
        told.map_err(|error| {
            tracing::warn!(cache = %self.name, level = level.shelf.name(), what, error = %error, "cache level was passed over");
        })
        .ok()
    }

    fn ttl_of(&self, hit: &Hit<V>, ttl: Duration) -> Duration {
        match hit.value {
            Some(_) => ttl,
            None => self.policy.negative_ttl.unwrap_or_default().min(ttl),
        }
    }

    fn count(&self, outcome: &str) {
        if let Some(requests) = &self.requests {
            requests.inc([&self.name, outcome]);
        }
    }
}

#[async_trait]
impl<K: CacheKey, V: CacheValue> Above<K> for Cache<K, V> {
    async fn forget(&self, key: &K) {
        self.invalidations.of(key).fetch_add(1, Ordering::SeqCst);
        self.memory.invalidate(key).await;
    }

    async fn forget_all(&self) {
        self.invalidations.all();
        self.memory.invalidate_all();
    }
}

impl<V> Entry<V> {
    /// Whether it may be given to someone who asks when the count of invalidations is at this.
    fn holds(&self, now: u64) -> bool {
        self.began >= now || self.settled.load(Ordering::SeqCst)
    }
}

impl<K, V> Clone for Level<K, V> {
    fn clone(&self) -> Self {
        Self {
            shelf: self.shelf.clone(),
            ttl: self.ttl,
        }
    }
}

impl<K, V> Clone for Cache<K, V> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            policy: self.policy,
            memory: self.memory.clone(),
            levels: self.levels.clone(),
            invalidations: self.invalidations.clone(),
            requests: self.requests.clone(),
        }
    }
}

impl<K, V> fmt::Debug for Cache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("name", &self.name)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
