//! A further level behind the memory of the process: a cache that the instances of a service share.

use std::time::Duration;

use async_trait::async_trait;

use crate::shutdown::Shutdown;
use crate::worker::BoxError;

/// A value that a level knows, or that there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit<V> {
    /// The value, or that there is none.
    pub value: Option<V>,
    /// How long it still holds: the levels above must not keep it longer.
    pub remaining: Duration,
}

/// What a level knows of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup<V> {
    /// This.
    Hit(Hit<V>),
    /// Nothing, and the place is the asker's to fill: others wait for it.
    Vacant(Lease),
    /// Nothing, and the place is not the asker's to fill: somebody else has been filling it for too long to wait on, or the
    /// level cannot be relied on now.
    Busy,
}

/// The right to fill one place of a level once. Whoever changes the thing meanwhile takes it away, so that what was loaded
/// before the change is not kept after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease(String);

impl Lease {
    /// A lease, as its level writes it.
    #[must_use]
    pub fn new(token: String) -> Self {
        Self(token)
    }

    /// What the level wrote.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.0
    }
}

/// The memory of a process above a level: what is to be told when another instance forgets.
#[async_trait]
pub trait Above<K>: Send + Sync {
    /// Another instance has forgotten a key.
    async fn forget(&self, key: &K);

    /// Others may have forgotten anything.
    async fn forget_all(&self);
}

/// A cache behind the memory of the process. A level that fails is passed over: it makes answers slower, never wrong.
#[async_trait]
pub trait CacheLevel<K, V>: Send + Sync + 'static {
    /// What the log calls it.
    fn name(&self) -> &str;

    /// Whether it hears what other instances forget. While it does not, memory above it keeps nothing.
    fn follows(&self) -> bool {
        true
    }

    /// What is known of a key. Where another is filling the place, waits a while for it.
    ///
    /// # Errors
    /// Whatever keeps it from answering.
    async fn get(&self, key: &K) -> Result<Lookup<V>, BoxError>;

    /// Fills the place of a lease with a value, or with that there is none, for a time that the caller bounds. Says whether
    /// the lease still held; if it did not, nothing is kept.
    ///
    /// # Errors
    /// Whatever keeps it from remembering.
    async fn put(
        &self,
        key: &K,
        value: Option<&V>,
        ttl: Duration,
        lease: &Lease,
    ) -> Result<bool, BoxError>;

    /// Gives a lease back unused, so that the next one need not wait for its end.
    ///
    /// # Errors
    /// Whatever keeps it from giving the place free.
    async fn release(&self, key: &K, lease: &Lease) -> Result<(), BoxError>;

    /// Forgets a key, ends the lease on it, and tells the other instances. What could not be done is done later, before this
    /// level answers again.
    ///
    /// # Errors
    /// Whatever keeps it from forgetting now.
    async fn invalidate(&self, key: &K) -> Result<(), BoxError>;

    /// Forgets everything, ends all leases, and tells the other instances.
    ///
    /// # Errors
    /// Whatever keeps it from forgetting now.
    async fn invalidate_all(&self) -> Result<(), BoxError>;

    /// Tells memory what other instances forget, until the shutdown.
    ///
    /// # Errors
    /// Whatever keeps it from hearing for good.
    async fn follow(&self, _above: &dyn Above<K>, shutdown: &Shutdown) -> Result<(), BoxError> {
        shutdown.wait().await;
        Ok(())
    }
}
