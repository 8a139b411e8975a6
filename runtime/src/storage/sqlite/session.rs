//! A transaction on one SQLite connection.

use std::borrow::Cow;

use async_trait::async_trait;
use sqlx::sqlite::Sqlite;
use sqlx::{AssertSqlSafe, SqlitePool};

use super::codec;
use crate::storage::sql::{Dialect, Session};
use crate::storage::{Kind, StoreError, StoreResult, Value};

/// The `COLLATE` puts decimals, which are stored as text, in the order of their values.
const DIALECT: Dialect = Dialect {
    lock: "",
    claim: "",
    decimal: |column| format!("{column} COLLATE {}", codec::DECIMAL),
    hold: None,
    try_hold: None,
    positions: None,
};

pub(crate) struct SqliteSession {
    transaction: sqlx::Transaction<'static, Sqlite>,
    /// Whether anything was changed, so that its commit counts as a durable operation.
    #[cfg(feature = "local")]
    changed: bool,
}

impl SqliteSession {
    pub(crate) async fn begin(pool: &SqlitePool, statement: &'static str) -> StoreResult<Self> {
        let transaction = pool
            .begin_with(statement)
            .await
            .map_err(|e| refused("begin a transaction", e))?;
        Ok(Self {
            transaction,
            #[cfg(feature = "local")]
            changed: false,
        })
    }
}

#[async_trait]
impl Session for SqliteSession {
    fn dialect(&self) -> Dialect {
        DIALECT
    }

    async fn execute(&mut self, sql: Cow<'static, str>, arguments: Vec<Value>) -> StoreResult<u64> {
        // Safe: the text comes from this crate, names are quoted, and every value is an argument.
        let query = arguments
            .iter()
            .fold(sqlx::query(AssertSqlSafe(sql)), codec::bind);
        let done = query
            .execute(&mut *self.transaction)
            .await
            .map_err(|e| refused("write", e))?;
        #[cfg(feature = "local")]
        {
            self.changed |= done.rows_affected() > 0;
        }
        Ok(done.rows_affected())
    }

    async fn query(
        &mut self,
        sql: Cow<'static, str>,
        arguments: Vec<Value>,
        kinds: &[Kind],
    ) -> StoreResult<Vec<Vec<Value>>> {
        let query = arguments
            .iter()
            .fold(sqlx::query(AssertSqlSafe(sql)), codec::bind);
        let rows = query
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(|e| refused("read", e))?;
        rows.iter().map(|row| codec::decode(row, kinds)).collect()
    }

    async fn script(&mut self, sql: &str) -> StoreResult<()> {
        let script = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        script
            .execute(&mut *self.transaction)
            .await
            .map_err(|e| StoreError::backend("run a script", e))?;
        Ok(())
    }

    async fn commit(self) -> StoreResult<()> {
        let commit = self.transaction.commit();
        #[cfg(feature = "local")]
        if self.changed {
            let committed = crate::fault::durable::operation(commit).await;
            return committed.map_err(|e| refused("commit", e));
        }
        commit.await.map_err(|e| refused("commit", e))
    }

    async fn rollback(self) -> StoreResult<()> {
        self.transaction
            .rollback()
            .await
            .map_err(|e| StoreError::backend("roll back", e))
    }
}

fn refused(operation: &'static str, error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::Database(cause)
            if cause.is_unique_violation() || cause.is_foreign_key_violation() =>
        {
            let detail = cause.message().to_owned();
            let place = detail.rsplit(": ").next().unwrap_or_default();
            StoreError::Conflict {
                table: place.split('.').next().unwrap_or_default().to_owned(),
                detail,
            }
        }
        _ if passes(&error) => StoreError::unavailable(operation, error),
        _ => StoreError::backend(operation, error),
    }
}

/// Whether the file may work again another time without anybody's change.
fn passes(error: &sqlx::Error) -> bool {
    // Busy, locked, out of memory, read-only, input or output failed, full, cannot be opened, locking protocol.
    const PASSING: [u32; 8] = [5, 6, 7, 8, 10, 13, 14, 15];
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(cause) => {
            let code = cause.code().and_then(|code| code.parse::<u32>().ok());
            // The upper bytes of an extended code only say more about the same.
            code.is_some_and(|code| PASSING.contains(&(code & 0xff)))
        }
        _ => false,
    }
}
