//! Forgets entries when an event says that the thing has changed: in each instance, since each has its own memory.
//!
//! Where instances share a level, one of them forgets for all, and the level tells the others; so they receive in one group
//! ([`SharedCache::group`](super::SharedCache::group)). A level that cannot forget now has the event come again.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Cache, CacheKey, CacheValue};
use crate::messaging::delivery::{Failure, Receiver, Reception};
use crate::messaging::{Bus, BusResult, Envelope, Event, MessageError};
use crate::problem::Problem;
use crate::shutdown::Shutdown;
use crate::worker::{BoxError, Worker};

/// Empties a cache when events arrive. It needs no inbox: to forget twice is to forget.
pub struct Eviction<E, K, V>(Reception<Emptied<E, K, V>>);

impl<E: Event + 'static, K: CacheKey, V: CacheValue> Eviction<E, K, V> {
    /// Forgets what `key` takes from an event, or everything where it finds no key in it. The name must differ between the
    /// instances of a service that share no level: those who share a name share the messages.
    pub fn new(
        name: String,
        cache: Cache<K, V>,
        bus: Arc<dyn Bus>,
        key: fn(&E) -> Option<K>,
    ) -> Self {
        let emptied = Emptied { name, cache, key };
        Self(Reception::new(emptied, bus))
    }

    /// Deals with everything that is there now, and says how many messages that were.
    ///
    /// # Errors
    /// When the broker fails.
    pub async fn drain(&self) -> BusResult<usize> {
        self.0.drain().await
    }
}

#[async_trait]
impl<E: Event + 'static, K: CacheKey, V: CacheValue> Worker for Eviction<E, K, V> {
    fn name(&self) -> &str {
        self.0.name()
    }

    async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
        self.0.run(shutdown).await
    }
}

struct Emptied<E, K, V> {
    name: String,
    cache: Cache<K, V>,
    key: fn(&E) -> Option<K>,
}

#[async_trait]
impl<E: Event + 'static, K: CacheKey, V: CacheValue> Receiver for Emptied<E, K, V> {
    fn name(&self) -> &str {
        &self.name
    }

    fn topic(&self) -> &str {
        E::TOPIC
    }

    async fn receive(&self, message: &Envelope) -> Result<(), Failure> {
        let key = match message.event::<E>() {
            Ok(event) => (self.key)(&event),
            // Another event or version on a shared topic is somebody else's.
            Err(MessageError::Unexpected { .. }) => return Ok(()),
            Err(error) => return Err(Failure::Never(error.into())),
        };
        let everywhere = match key {
            Some(key) => self.cache.forgotten(&key).await,
            None => self.cache.all_forgotten().await,
        };
        if everywhere {
            return Ok(());
        }
        // Nothing is wrong with the event, so it comes again for as long as that takes.
        let why = "the shared cache cannot forget now";
        Err(Failure::Again(Problem::unavailable(why, None).into()))
    }
}
