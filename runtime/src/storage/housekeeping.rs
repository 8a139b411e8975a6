//! Forgets what a service needs to remember only for a while.

use std::time::Duration;

use async_trait::async_trait;
use chrono::Duration as Span;

use super::{Database, StoreResult};
use crate::shutdown::Shutdown;
use crate::worker::{BoxError, Worker};

const EVERY: Duration = Duration::from_secs(3600);
/// Longer than any broker keeps a message, so that none comes back after it was forgotten.
const INBOX_KEPT: Span = Span::days(30);

/// Removes answers kept under idempotency keys after their day, and notes of received messages after a month.
pub struct Housekeeping(Database);

impl Housekeeping {
    /// Keeps this database's house.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Removes what is old now, and says how much that was.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clean(&self) -> StoreResult<u64> {
        let mut uow = self.0.begin().await?;
        let now = uow.now();
        let keys = uow.transaction().key_purge(now).await?;
        let messages = uow.transaction().inbox_purge(now - INBOX_KEPT).await?;
        uow.commit().await?;
        Ok(keys + messages)
    }
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
