//! The cache that the instances of a service share, where the settings name one.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Cache, CacheKey, CacheValue, EvictionGroup};
use crate::config::{Config, Secret};
use crate::telemetry::Metrics;
use crate::tls::{CaFile, CaFileError};
use crate::worker::BoxError;

/// Where the shared cache is.
#[derive(Clone, Debug, Default)]
pub struct SharedCacheSettings {
    /// Its address, `redis://host:6379`, or `rediss://host:6379` for a connection that is encrypted: `cache.url`. Without it, caches are in the memory of each instance alone.
    pub url: Option<String>,
    /// Who logs in there: `cache.user`.
    pub user: Option<String>,
    /// With what: `cache.password`.
    pub password: Option<Secret>,
    /// The certificates of authorities that its own is signed by: `cache.ca_file`. Without it, those that the machine trusts.
    pub ca_file: Option<CaFile>,
}

impl SharedCacheSettings {
    /// Reads the settings.
    #[must_use]
    pub fn read(config: &mut Config) -> Self {
        Self {
            url: config.optional("cache.url"),
            user: config.optional("cache.user"),
            password: config.secret("cache.password"),
            ca_file: config.optional("cache.ca_file"),
        }
    }
}

/// Why there is no shared cache although the settings name one.
#[derive(Debug, thiserror::Error)]
pub enum SharedCacheError {
    /// The address is none.
    #[error("`cache.url` is no address of a Redis, such as redis://host:6379: {source}")]
    Address {
        /// What is wrong with it.
        source: BoxError,
    },
    /// The address asks for no TLS, and the certificates do.
    #[error(
        "`cache.ca_file` is set, and `cache.url` asks for no TLS: write it as rediss://host:6379, or unset `cache.ca_file`"
    )]
    Plain,
    /// The file is not as it was when the settings were read.
    #[error("`cache.ca_file` cannot be used: {0}")]
    Authorities(#[from] CaFileError),
    /// The driver was not compiled in.
    #[error(
        "`cache.url` is set, and this program was built without Redis: build it with the feature `redis`, or unset it"
    )]
    NotCompiled,
}

/// The cache that the instances of a service share, or none.
#[derive(Clone, Debug, Default)]
pub struct SharedCache {
    #[cfg(feature = "redis")]
    redis: Option<super::redis::Redis>,
}

impl SharedCache {
    /// Opens what the settings name. It is reached when it is first needed, so that a service starts without it.
    ///
    /// # Errors
    /// An address that is none, and one for which no driver was compiled in.
    pub fn open(
        service: &str,
        settings: &SharedCacheSettings,
        metrics: &Metrics,
    ) -> Result<Self, SharedCacheError> {
        let Some(url) = &settings.url else {
            return Ok(Self::default());
        };
        #[cfg(feature = "redis")]
        {
            let redis = super::redis::Redis::new(service, settings, url, metrics)?;
            Ok(Self { redis: Some(redis) })
        }
        #[cfg(not(feature = "redis"))]
        {
            let _ = (service, url, metrics);
            Err(SharedCacheError::NotCompiled)
        }
    }
}

impl SharedCache {
    /// The group in which an instance receives the events that empty a cache: its own, or that of all instances where what
    /// one forgets is forgotten by all.
    #[must_use]
    pub fn group(&self, group: &str, instance: &str) -> EvictionGroup {
        #[cfg(feature = "redis")]
        if self.redis.is_some() {
            return EvictionGroup::of_all(group);
        }
        EvictionGroup::of_instance(group, instance)
    }
}

impl<K, V> Cache<K, V>
where
    K: CacheKey + Display + FromStr,
    V: CacheValue + Serialize + DeserializeOwned,
{
    /// Adds the shared level, where there is one. `schema` names the version of the values: what another version of the
    /// service wrote is not read.
    #[must_use]
    pub fn shared(self, shared: &SharedCache, schema: &str, ttl: Duration) -> Self {
        #[cfg(feature = "redis")]
        if let Some(redis) = &shared.redis {
            let level = super::redis::RedisLevel::new(redis.clone(), self.name(), schema);
            return self.level(std::sync::Arc::new(level), ttl);
        }
        let _ = (shared, schema, ttl);
        self
    }
}
