//! Keeps the memory of an instance true to what the others change.

use async_trait::async_trait;
use futures_util::future::try_join_all;

use super::{Cache, CacheKey, CacheValue};
use crate::shutdown::Shutdown;
use crate::worker::{BoxError, Worker};

/// Follows the further levels of a cache: what another instance forgets, this one forgets. Until it runs, the memory above
/// them keeps nothing.
pub struct Keeper<K, V> {
    name: String,
    cache: Cache<K, V>,
}

impl<K: CacheKey, V: CacheValue> Keeper<K, V> {
    /// The keeper of a cache.
    #[must_use]
    pub fn new(cache: &Cache<K, V>) -> Self {
        Self {
            name: format!("cache-{}", cache.name()),
            cache: cache.clone(),
        }
    }
}

#[async_trait]
impl<K: CacheKey, V: CacheValue> Worker for Keeper<K, V> {
    fn name(&self) -> &str {
        &self.name
    }

    async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
        let levels = self.cache.levels();
        try_join_all(levels.map(|level| level.follow(&self.cache, shutdown))).await?;
        // A cache that is memory alone has nobody to follow.
        shutdown.wait().await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cache::tests::conformance::policy;

    #[tokio::test]
    async fn a_cache_that_is_memory_alone_is_kept_until_the_stop() {
        let cache: Cache<u8, i64> = Cache::new("alone", policy());
        let (keeper, shutdown) = (Keeper::new(&cache), Shutdown::new());
        let until = shutdown.clone();
        let kept = tokio::spawn(async move { keeper.run(&until).await });
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!kept.is_finished(), "its work ended before the service did");
        shutdown.trigger();
        kept.await.unwrap().unwrap();
    }
}
