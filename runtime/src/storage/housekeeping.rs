//! Forgets what a service needs to remember only for a while.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Duration as Span, Utc};

use super::{Database, StoreResult};
use crate::shutdown::Shutdown;
use crate::worker::{BoxError, Worker};

const EVERY: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long a service remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Answers under idempotency keys: a day.
    pub answers: Duration,
    /// That a message was received: thirty days. Longer than the broker keeps messages, so that none takes effect again.
    pub messages: Duration,
    /// A saga after its end: thirty days. Longer than the broker keeps messages as well.
    pub sagas: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            answers: DAY,
            messages: 30 * DAY,
            sagas: 30 * DAY,
        }
    }
}

/// Removes answers kept under idempotency keys and notes of received messages when their time is over.
pub struct Housekeeping {
    database: Database,
    retention: Retention,
}

impl Housekeeping {
    /// Keeps this database's house. From here on, answers are kept for as long as the retention says.
    #[must_use]
    pub fn new(database: Database, retention: Retention) -> Self {
        database.keep_answers(retention.answers);
        Self {
            database,
            retention,
        }
    }

    /// Removes what is old now, and says how much that was.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clean(&self) -> StoreResult<u64> {
        let mut uow = self.database.begin().await?;
        let now = uow.now();
        let keys = uow.transaction().key_purge(now).await?;
        let messages = match before(now, self.retention.messages) {
            Some(moment) => uow.transaction().inbox_purge(moment).await?,
            None => 0,
        };
        uow.commit().await?;
        Ok(keys + messages)
    }
}

/// The moment that lies so long before another; nothing where no time reaches as far back.
pub(crate) fn before(now: DateTime<Utc>, time: Duration) -> Option<DateTime<Utc>> {
    now.checked_sub_signed(Span::from_std(time).ok()?)
}

#[async_trait]
impl Worker for Housekeeping {
    fn name(&self) -> &str {
        "housekeeping"
    }

    async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
        loop {
            self.clean().await?;
            if !shutdown.sleep(EVERY).await {
                return Ok(());
            }
        }
    }
}
