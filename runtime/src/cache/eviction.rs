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

/// The group in which an instance receives the events that empty a cache: those who share a group share the messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvictionGroup {
    name: String,
    /// Whether one instance alone is in it, which begins with an empty memory and takes it along when it goes.
    is_own: bool,
}

impl EvictionGroup {
    /// The group of one instance, which shares no level with others.
    #[must_use]
    pub fn of_instance(name: &str, instance: &str) -> Self {
        let name = format!("{name}.{instance}");
        Self { name, is_own: true }
    }

    /// The group of all instances, where what one forgets is forgotten by all.
    #[must_use]
    pub fn of_all(name: &str) -> Self {
        let name = name.to_owned();
        Self {
            name,
            is_own: false,
        }
    }
}

/// Empties a cache when events arrive. It needs no inbox: to forget twice is to forget.
pub struct Eviction<E, K, V>(Reception<Emptied<E, K, V>>);

impl<E: Event + 'static, K: CacheKey, V: CacheValue> Eviction<E, K, V> {
    /// Forgets what `key` takes from an event, or everything where it finds no key in it.
    pub fn new(
        group: EvictionGroup,
        cache: Cache<K, V>,
        bus: Arc<dyn Bus>,
        key: fn(&E) -> Option<K>,
    ) -> Self {
        let emptied = Emptied { group, cache, key };
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
    group: EvictionGroup,
    cache: Cache<K, V>,
    key: fn(&E) -> Option<K>,
}

#[async_trait]
impl<E: Event + 'static, K: CacheKey, V: CacheValue> Receiver for Emptied<E, K, V> {
    fn name(&self) -> &str {
        &self.group.name
    }

    fn is_passing(&self) -> bool {
        self.group.is_own
    }

    /// What was loaded before the first event can come may be what none of them will tell of.
    async fn begin(&self) {
        self.cache.invalidate_all().await;
    }

    fn topic(&self) -> &str {
        E::TOPIC
    }

    async fn receive(&self, message: &Envelope) -> Result<(), Failure> {
        let key = match message.event::<E>() {
            Ok(event) => (self.key)(&event),
            // Another event or version on a shared topic is somebody else's.
            Err(MessageError::Unexpected { .. }) => return Ok(()),
            // What it is about is not known, so it may be about anything; nobody comes back to one instance's group to have it once more.
            Err(error) if self.group.is_own => {
                tracing::warn!(consumer = self.group.name, message.id = %message.id, error = %error, "an event cannot be read: the cache forgets everything");
                None
            }
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
