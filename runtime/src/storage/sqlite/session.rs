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
    decimal: |column| format!("{column} COLLATE {}", codec::DECIMAL),
};

pub(crate) struct SqliteSession(sqlx::Transaction<'static, Sqlite>);

impl SqliteSession {
    pub(crate) async fn begin(pool: &SqlitePool, statement: &'static str) -> StoreResult<Self> {
        pool.begin_with(statement)
            .await
            .map(Self)
            .map_err(|e| StoreError::backend("begin a transaction", e))
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
            .execute(&mut *self.0)
            .await
            .map_err(|e| refused("write", e))?;
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
            .fetch_all(&mut *self.0)
            .await
            .map_err(|e| refused("read", e))?;
        rows.iter().map(|row| codec::decode(row, kinds)).collect()
    }

    async fn script(&mut self, sql: &str) -> StoreResult<()> {
        let script = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        script
            .execute(&mut *self.0)
            .await
            .map_err(|e| StoreError::backend("run a script", e))?;
        Ok(())
    }

    async fn commit(self) -> StoreResult<()> {
        self.0.commit().await.map_err(|e| refused("commit", e))
    }

    async fn rollback(self) -> StoreResult<()> {
        self.0
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
        _ => StoreError::backend(operation, error),
    }
}
