//! A bulkhead: so many calls at once, so many waiting, and no more.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many calls may be under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkheadPolicy {
    /// Calls at once.
    pub max_concurrent: u32,
    /// Calls that wait for a place.
    pub max_waiting: u32,
}

/// Every place is taken, and so is every place to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many calls are under way")]
pub struct Full;

/// A bulkhead. All clones share the places.
#[derive(Clone, Debug)]
pub struct Bulkhead {
    running: Arc<Semaphore>,
    /// Places to run and places to wait together: who gets none is turned away at once.
    admitted: Arc<Semaphore>,
}

/// A place. It is free again when this is dropped.
#[derive(Debug)]
pub struct BulkheadPermit {
    _running: OwnedSemaphorePermit,
    _admitted: OwnedSemaphorePermit,
}

impl Bulkhead {
    /// A bulkhead with all places free.
    #[must_use]
    pub fn new(policy: BulkheadPolicy) -> Self {
        let running = policy.max_concurrent.max(1) as usize;
        let all = running
            .saturating_add(policy.max_waiting as usize)
            .min(Semaphore::MAX_PERMITS);
        Self {
            running: Arc::new(Semaphore::new(running)),
            admitted: Arc::new(Semaphore::new(all)),
        }
    }

    /// Takes a place, or waits for one if there is a place to wait.
    ///
    /// # Errors
    /// [`Full`] if not.
    pub async fn enter(&self) -> Result<BulkheadPermit, Full> {
        let admitted = self
            .admitted
            .clone()
            .try_acquire_owned()
            .map_err(|_| Full)?;
        let running = self
            .running
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| Full)?;
        Ok(BulkheadPermit {
            _running: running,
            _admitted: admitted,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn who_finds_no_place_waits_and_who_finds_no_place_to_wait_is_turned_away() {
        let bulkhead = Bulkhead::new(BulkheadPolicy {
            max_concurrent: 1,
            max_waiting: 1,
        });
        let first = bulkhead.enter().await.unwrap();
        let second = tokio::spawn({
            let bulkhead = bulkhead.clone();
            async move { bulkhead.enter().await.is_ok() }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(bulkhead.enter().await.unwrap_err(), Full);
        drop(first);
        assert!(second.await.unwrap());
    }

    #[tokio::test]
    async fn who_gives_up_waiting_leaves_the_place() {
        let bulkhead = Bulkhead::new(BulkheadPolicy {
            max_concurrent: 1,
            max_waiting: 1,
        });
        let first = bulkhead.enter().await.unwrap();
        let waiting = tokio::time::timeout(Duration::from_millis(10), bulkhead.enter()).await;
        assert!(waiting.is_err());
        drop(first);
        assert!(bulkhead.enter().await.is_ok());
    }
}
