//! A further level behind the memory of the process: a shared cache, for instance.

use std::time::Duration;

use async_trait::async_trait;

use crate::worker::BoxError;

/// What a level knows of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit<V> {
    /// The value, or that there is none.
    pub value: Option<V>,
    /// How long it still holds: the levels above must not keep it longer.
    pub remaining: Duration,
}

/// A cache behind the memory of the process. A level that fails is passed over: it makes answers slower, never wrong.
#[async_trait]
pub trait CacheLevel<K, V>: Send + Sync + 'static {
    /// What the log calls it.
    fn name(&self) -> &str;

    /// What is known of a key.
    ///
    /// # Errors
    /// Whatever keeps it from answering.
    async fn get(&self, key: &K) -> Result<Option<Hit<V>>, BoxError>;

    /// Remembers a value, or that there is none, for a time that the caller bounds.
    ///
    /// # Errors
    /// Whatever keeps it from remembering.
    async fn put(&self, key: &K, value: Option<&V>, ttl: Duration) -> Result<(), BoxError>;

    /// Forgets a key.
    ///
    /// # Errors
    /// Whatever keeps it from forgetting.
    async fn invalidate(&self, key: &K) -> Result<(), BoxError>;
}
