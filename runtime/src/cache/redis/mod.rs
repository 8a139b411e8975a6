//! The second level of caches: Redis, shared by all instances of a service.
//!
//! - **Keys** are `<service>:{<cache>}:...`, so that one rule of an access list covers a service, and the keys of a cache lie
//!   in one slot of a cluster. A value carries the epoch of its cache and the version of its schema: one that another version
//!   of the service wrote is never decoded, but is forgotten together with ours.
//! - **One loads for all.** Who finds nothing gets a lease ([`Lease`]) on the place, a key with a random token; others wait
//!   for the value. If its holder dies, that costs the others the lease's few seconds.
//! - **A change wins over a load.** Forgetting ends the lease too, so what was loaded before a change cannot be written after it.
//! - **Every instance hears of it** on a channel per cache. While an instance does not hear (at its start, after a lost
//!   connection, when a heartbeat fails), it uses neither this level nor the memory above it. When it hears again, it has
//!   emptied its memory, since it may have missed something; and where the server is another or has restarted, perhaps from
//!   an older snapshot, everything in Redis is forgotten first.
//! - **What could not be forgotten** while Redis did not answer is remembered, and forgotten before this level answers again.
//! - **Time is bounded**: a command may take 250 ms, and after three failures within ten seconds a breaker keeps out of the way.
//!
//! What remains, as in any cache beside its source: an instance that dies between its commit and the forgetting, or that
//! alone has lost its way to Redis, leaves others an old value until its time is over, or until a declared event, which goes
//! the safe way through outbox and broker, empties the cache.

mod connection;
mod level;
mod listener;
mod scripts;
#[cfg(test)]
mod tests;

pub use connection::Redis;
pub use level::RedisLevel;

#[cfg(doc)]
use super::Lease;
