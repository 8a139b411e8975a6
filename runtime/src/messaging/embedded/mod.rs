//! A broker in the process itself: a durable log in one SQLite file, and wake-ups within the process.

mod log;
mod subscription;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use tokio::sync::Notify;
use uuid::Uuid;

use self::log::Log;
use self::subscription::Member;
use super::{Bus, BusResult, DeadLetter, Envelope, MessageError, Subscription};
use crate::storage::{Clock, SystemClock};

/// How long messages are kept that every group has dealt with: so long is a message known again that is published twice.
const KEPT: Duration = Duration::days(7);

/// The embedded broker. Cheap to clone; all clones are one broker.
#[derive(Clone)]
pub struct EmbeddedBus(Arc<Inner>);

struct Inner {
    log: Log,
    clock: Arc<dyn Clock>,
    groups: Mutex<BTreeMap<(String, String), Arc<Group>>>,
}

/// What is known in memory of a group of consumers: what its members are working on.
#[derive(Default)]
struct Group {
    changed: Notify,
    taking: tokio::sync::Mutex<()>,
    in_flight: Mutex<BTreeSet<i64>>,
}

impl Group {
    fn in_flight(&self) -> std::sync::MutexGuard<'_, BTreeSet<i64>> {
        self.in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl EmbeddedBus {
    /// Opens the broker's file, makes it if it is missing, and forgets what is older than a week.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn open(path: impl AsRef<Path>) -> BusResult<Self> {
        Self::open_with(path, Arc::new(SystemClock)).await
    }

    /// Opens the broker's file on another clock.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn open_with(path: impl AsRef<Path>, clock: Arc<dyn Clock>) -> BusResult<Self> {
        let log = Log::open(path.as_ref()).await?;
        log.trim(clock.now() - KEPT).await?;
        Ok(Self(Arc::new(Inner {
            log,
            clock,
            groups: Mutex::default(),
        })))
    }

    /// Forgets messages from before a moment that nobody waits for, and says how many.
    ///
    /// # Errors
    /// When the file fails.
    pub async fn trim(&self, before: DateTime<Utc>) -> BusResult<u64> {
        Ok(self.0.log.trim(before).await?)
    }

    fn group(&self, topic: &str, group: &str) -> Arc<Group> {
        let mut groups = self.0.groups.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            groups
                .entry((topic.to_owned(), group.to_owned()))
                .or_default(),
        )
    }

    fn wake(&self, topics: &BTreeSet<&str>) {
        let groups = self.0.groups.lock().unwrap_or_else(PoisonError::into_inner);
        for ((topic, _), group) in groups.iter() {
            if topics.contains(topic.as_str()) {
                group.changed.notify_waiters();
            }
        }
    }
}

#[async_trait]
impl Bus for EmbeddedBus {
    fn name(&self) -> &'static str {
        "embedded"
    }

    async fn publish(&self, messages: &[Envelope]) -> BusResult<()> {
        self.0.log.publish(messages, self.0.clock.now()).await?;
        self.wake(
            &messages
                .iter()
                .map(|message| message.topic.as_str())
                .collect(),
        );
        Ok(())
    }

    async fn subscribe(&self, topic: &str, group: &str) -> BusResult<Box<dyn Subscription>> {
        self.0.log.join(topic, group).await?;
        Ok(Box::new(Member::new(self.clone(), topic, group)))
    }

    async fn lag(&self, topic: &str, group: &str) -> BusResult<u64> {
        Ok(self.0.log.lag(topic, group).await?)
    }

    async fn dead_letters(&self, groups: &str, limit: u32) -> BusResult<Vec<DeadLetter>> {
        Ok(self.0.log.dead_letters(groups, limit).await?)
    }

    async fn dead_letter_count(&self, group: &str) -> BusResult<u64> {
        Ok(self.0.log.dead_letter_count(group).await?)
    }

    async fn replay(&self, group: &str, message: Uuid) -> BusResult<()> {
        let topic = self
            .0
            .log
            .revive(group, message)
            .await?
            .ok_or(MessageError::NoDeadLetter(message))?;
        self.wake(&BTreeSet::from([topic.as_str()]));
        Ok(())
    }

    async fn ping(&self) -> BusResult<()> {
        self.0.log.lag("", "").await?;
        Ok(())
    }
}
