//! A cache that loads at most once at a time, remembers that a thing is not there, and never takes an empty value for none.
//!
//! ```
//! use msarch_runtime::cache::{Cache, CachePolicy};
//! use std::convert::Infallible;
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let policy = CachePolicy {
//!     ttl: Duration::from_secs(300),
//!     negative_ttl: Some(Duration::from_secs(10)),
//!     max_entries: 1000,
//! };
//! let cache: Cache<u32, i64> = Cache::new("balances", policy);
//! let found = cache.get_or_load(&7, || async { Ok::<_, Infallible>(Some(0)) }).await;
//! assert_eq!(found.expect("loaded"), Some(0));
//! # }
//! ```

mod eviction;
mod keeper;
mod level;
mod records;
#[cfg(feature = "redis")]
pub mod redis;
mod shared;
mod store;
#[cfg(test)]
mod tests;

pub use eviction::{Eviction, EvictionGroup};
pub use keeper::Keeper;
pub use level::{Above, CacheLevel, Hit, Lease, Lookup};
pub use shared::{SharedCache, SharedCacheError, SharedCacheSettings};
pub use store::{Cache, CacheKey, CachePolicy, CacheValue};
