//! One cache in Redis.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use redis::{Cmd, cmd};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use tokio::time::Instant;
use uuid::Uuid;

use super::connection::Redis;
use super::scripts;
use crate::cache::{Above, CacheKey, CacheLevel, CacheValue, Hit, Lease, Lookup};
use crate::shutdown::Shutdown;
use crate::worker::BoxError;

/// How long a lease holds: longer than loading takes, and what the death of its holder costs the others.
const LEASE: Duration = Duration::from_secs(3);
/// How long to wait for who fills a place, and how often to look.
const WAIT: Duration = Duration::from_millis(3200);
const LOOK: Duration = Duration::from_millis(15);
/// More keys than this that could not be forgotten are forgotten by forgetting everything.
const MOST_DEBTS: usize = 1000;

/// One cache in Redis.
pub struct RedisLevel<K, V> {
    pub(super) redis: Redis,
    pub(super) prefix: String,
    pub(super) channel: String,
    schema: String,
    pub(super) follows: AtomicBool,
    debts: Mutex<Debts>,
    owing: AtomicBool,
    entries: PhantomData<fn() -> (K, V)>,
}

/// What could not be forgotten yet.
#[derive(Default)]
struct Debts {
    keys: BTreeSet<String>,
    all: bool,
}

impl<K, V> RedisLevel<K, V> {
    /// The level of a cache, by its name, for values of a version of their schema.
    #[must_use]
    pub fn new(redis: Redis, cache: &str, schema: &str) -> Self {
        let prefix = redis.prefix(cache);
        Self {
            channel: format!("{prefix}:forgotten"),
            prefix,
            redis,
            schema: schema.to_owned(),
            follows: AtomicBool::new(false),
            debts: Mutex::default(),
            owing: AtomicBool::new(false),
            entries: PhantomData,
        }
    }

    pub(super) fn epoch(&self) -> String {
        format!("{}:epoch", self.prefix)
    }

    fn value(&self, key: &str) -> String {
        format!("{}:value:{key}", self.prefix)
    }

    fn lease(&self, key: &str) -> String {
        format!("{}:lease:{key}", self.prefix)
    }

    /// Forgets what could not be forgotten before. Until that is done, nothing in Redis can be relied on.
    pub(super) async fn settle(&self) -> Result<(), BoxError> {
        if !self.owing.load(Ordering::SeqCst) {
            return Ok(());
        }
        let mut debts = self.debts.lock().await;
        if debts.all {
            self.redis.run::<i64>(&self.forget_all()).await?;
        } else if !debts.keys.is_empty() {
            self.redis
                .run::<i64>(&self.forget(debts.keys.iter()))
                .await?;
        }
        *debts = Debts::default();
        self.owing.store(false, Ordering::SeqCst);
        Ok(())
    }

    async fn owe(&self, key: Option<&str>) {
        let mut debts = self.debts.lock().await;
        debts.keys.extend(key.map(str::to_owned));
        debts.all |= key.is_none() || debts.keys.len() > MOST_DEBTS;
        self.owing.store(true, Ordering::SeqCst);
    }

    fn forget<'a>(&self, keys: impl Iterator<Item = &'a String> + Clone) -> Cmd {
        let places = keys
            .clone()
            .flat_map(|key| [self.value(key), self.lease(key)]);
        let mut command = script(scripts::FORGET, &places.collect::<Vec<_>>());
        command.arg(&self.channel);
        for key in keys {
            command.arg(format!("{} key {key}", self.redis.origin));
        }
        command
    }

    fn forget_all(&self) -> Cmd {
        let mut command = script(scripts::FORGET_ALL, &[self.epoch()]);
        let news = format!("{} all", self.redis.origin);
        command.arg(token()).arg(&self.channel).arg(news);
        command
    }

    /// Whether anything here can be relied on: not while it is not heard what others forget.
    fn hears(&self) -> bool {
        self.follows.load(Ordering::SeqCst)
    }
}

impl<K: CacheKey + Display, V: CacheValue + DeserializeOwned> RedisLevel<K, V> {
    async fn look(&self, key: &str) -> Result<Lookup<V>, BoxError> {
        self.settle().await?;
        let places = [self.epoch(), self.value(key), self.lease(key)];
        let mut command = script(scripts::GET, &places);
        command
            .arg(token())
            .arg(&self.schema)
            .arg(milliseconds(LEASE));
        let (found, text, left): (String, String, i64) = self.redis.run(&command).await?;
        Ok(match found.as_str() {
            "hit" => Lookup::Hit(Hit {
                value: serde_json::from_str(&text)?,
                remaining: Duration::from_millis(u64::try_from(left).unwrap_or_default()),
            }),
            "vacant" => Lookup::Vacant(Lease::new(text)),
            _ => Lookup::Busy,
        })
    }
}

#[async_trait]
impl<K, V> CacheLevel<K, V> for RedisLevel<K, V>
where
    K: CacheKey + Display + FromStr,
    V: CacheValue + Serialize + DeserializeOwned,
{
    fn name(&self) -> &str {
        "redis"
    }

    fn follows(&self) -> bool {
        self.hears()
    }

    async fn get(&self, key: &K) -> Result<Lookup<V>, BoxError> {
        let key = key.to_string();
        let end = Instant::now() + WAIT;
        while self.hears() {
            let found = self.look(&key).await?;
            if !matches!(found, Lookup::Busy) || Instant::now() >= end {
                return Ok(found);
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(Lookup::Busy)
    }

    async fn put(
        &self,
        key: &K,
        value: Option<&V>,
        ttl: Duration,
        lease: &Lease,
    ) -> Result<bool, BoxError> {
        if !self.hears() {
            return Ok(false);
        }
        let key = key.to_string();
        let epoch = lease.token().split(' ').next().unwrap_or_default();
        let text = format!("{epoch} {} {}", self.schema, serde_json::to_string(&value)?);
        let places = [self.epoch(), self.value(&key), self.lease(&key)];
        let mut command = script(scripts::PUT, &places);
        command
            .arg(lease.token())
            .arg(epoch)
            .arg(text)
            .arg(milliseconds(ttl).max(1));
        Ok(self.redis.run::<i64>(&command).await? == 1)
    }

    async fn release(&self, key: &K, lease: &Lease) -> Result<(), BoxError> {
        let mut command = script(scripts::RELEASE, &[self.lease(&key.to_string())]);
        command.arg(lease.token());
        self.redis.run::<i64>(&command).await.map(drop)
    }

    async fn invalidate(&self, key: &K) -> Result<(), BoxError> {
        let key = key.to_string();
        let forgotten = self
            .redis
            .run::<i64>(&self.forget([&key].into_iter()))
            .await;
        if forgotten.is_err() {
            self.owe(Some(&key)).await;
        }
        forgotten.map(drop)
    }

    async fn invalidate_all(&self) -> Result<(), BoxError> {
        let forgotten = self.redis.run::<i64>(&self.forget_all()).await;
        if forgotten.is_err() {
            self.owe(None).await;
        }
        forgotten.map(drop)
    }

    async fn follow(&self, above: &dyn Above<K>, shutdown: &Shutdown) -> Result<(), BoxError> {
        self.listen(above, shutdown).await;
        Ok(())
    }
}

pub(super) fn script(text: &str, keys: &[String]) -> Cmd {
    let mut command = cmd("EVAL");
    command.arg(text).arg(keys.len()).arg(keys);
    command
}

pub(super) fn token() -> String {
    Uuid::new_v4().simple().to_string()
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
