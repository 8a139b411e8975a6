//! The cache itself: the memory of the process first, then the further levels, then the source.

use std::fmt;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache as Memory;

use super::level::{CacheLevel, Hit};
use crate::telemetry::{Counter, Metrics};

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
    levels: Arc<[Arc<dyn CacheLevel<K, V>>]>,
    invalidations: Arc<Invalidations>,
    requests: Option<Counter<2>>,
}

/// A value, or that there is none, and for how long.
#[derive(Clone)]
struct Entry<V> {
    value: Option<V>,
    ttl: Duration,
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

    /// Adds a further level behind those that are there.
    #[must_use]
    pub fn level(mut self, level: impl CacheLevel<K, V>) -> Self {
        let level: Arc<dyn CacheLevel<K, V>> = Arc::new(level);
        self.levels = self.levels.iter().cloned().chain([level]).collect();
        self
    }

    /// Counts hits and misses in `cache_requests_total{cache, outcome}`.
    #[must_use]
    pub fn metrics(mut self, metrics: &Metrics) -> Self {
        let help = "Requests to caches by outcome: hit, miss";
        self.requests = Some(metrics.counter("cache_requests_total", help, ["cache", "outcome"]));
        self
    }

    /// Gives the value of a key, from the nearest level that knows it, or else from the source. However many ask at once,
    /// the source is asked once. What the source does not have is `None`; what it fails with is not remembered.
    ///
    /// # Errors
    /// What the source failed with, shared by all who waited for it.
    pub async fn get_or_load<E, F, R>(&self, key: &K, load: F) -> Result<Option<V>, Arc<E>>
    where
        E: Send + Sync + 'static,
        F: FnOnce() -> R,
        R: Future<Output = Result<Option<V>, E>>,
    {
        if let Some(entry) = self.memory.get(key).await {
            self.count("hit");
            return Ok(entry.value);
        }
        self.count("miss");
        let invalidations = self.invalidations.of(key);
        let before = invalidations.load(Ordering::SeqCst);
        let entry = self
            .memory
            .try_get_with_by_ref(key, self.fetch(key, load))
            .await?;
        if invalidations.load(Ordering::SeqCst) != before {
            // Somebody changed the thing while it was loaded: the answer was right when it was asked for, not any more.
            self.forget(key).await;
        }
        Ok(entry.value)
    }

    /// What the memory of the process knows of a key: nothing, that there is no value, or the value.
    pub async fn peek(&self, key: &K) -> Option<Option<V>> {
        self.memory.get(key).await.map(|entry| entry.value)
    }

    /// Remembers a value.
    pub async fn insert(&self, key: K, value: V) {
        self.remember_below(&key, Some(&value), self.policy.ttl, self.levels.len())
            .await;
        self.memory
            .insert(
                key,
                Entry {
                    value: Some(value),
                    ttl: self.policy.ttl,
                },
            )
            .await;
    }

    /// Forgets a key on every level.
    pub async fn invalidate(&self, key: &K) {
        self.invalidations.of(key).fetch_add(1, Ordering::SeqCst);
        self.forget(key).await;
    }

    /// Forgets everything that the memory of the process knows.
    pub fn invalidate_all(&self) {
        self.invalidations.0.iter().for_each(|count| {
            count.fetch_add(1, Ordering::SeqCst);
        });
        self.memory.invalidate_all();
    }

    /// Asks the further levels in order, then the source.
    async fn fetch<E, F, R>(&self, key: &K, load: F) -> Result<Entry<V>, E>
    where
        F: FnOnce() -> R,
        R: Future<Output = Result<Option<V>, E>>,
    {
        for (depth, level) in self.levels.iter().enumerate() {
            if let Some(hit) = self.asked(level.as_ref(), key).await {
                // What a level has left is all that those above it may have.
                let ttl = hit.remaining.min(self.ttl_of(hit.value.as_ref()));
                self.remember_below(key, hit.value.as_ref(), ttl, depth)
                    .await;
                return Ok(Entry {
                    value: hit.value,
                    ttl,
                });
            }
        }
        let value = load().await?;
        let ttl = self.ttl_of(value.as_ref());
        if !ttl.is_zero() {
            self.remember_below(key, value.as_ref(), ttl, self.levels.len())
                .await;
        }
        Ok(Entry { value, ttl })
    }

    async fn asked(&self, level: &dyn CacheLevel<K, V>, key: &K) -> Option<Hit<V>> {
        match level.get(key).await {
            Ok(hit) => hit.filter(|hit| !hit.remaining.is_zero()),
            Err(error) => {
                tracing::warn!(cache = %self.name, level = level.name(), error = %error, "cache level could not be read");
                None
            }
        }
    }

    /// Puts a value into the further levels above a depth.
    async fn remember_below(&self, key: &K, value: Option<&V>, ttl: Duration, depth: usize) {
        for level in self.levels.iter().take(depth) {
            if let Err(error) = level.put(key, value, ttl).await {
                tracing::warn!(cache = %self.name, level = level.name(), error = %error, "cache level could not be written");
            }
        }
    }

    async fn forget(&self, key: &K) {
        // From the far end, so that no level is filled again from one behind it that still knows.
        for level in self.levels.iter().rev() {
            if let Err(error) = level.invalidate(key).await {
                tracing::error!(cache = %self.name, level = level.name(), error = %error, "cache level could not forget");
            }
        }
        self.memory.invalidate(key).await;
    }

    fn ttl_of(&self, value: Option<&V>) -> Duration {
        match value {
            Some(_) => self.policy.ttl,
            None => self.policy.negative_ttl.unwrap_or_default(),
        }
    }

    fn count(&self, outcome: &str) {
        if let Some(requests) = &self.requests {
            requests.inc([&self.name, outcome]);
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
