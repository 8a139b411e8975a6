//! A transaction on one PostgreSQL connection.

use std::borrow::Cow;

use async_trait::async_trait;
use sqlx::postgres::{PgConnection, PgPool, PgRow, Postgres};
use sqlx::{AssertSqlSafe, Executor};

use super::codec;
use super::error::failure;
use super::usage::{Counted, Usage};
use crate::storage::sql::{Dialect, Positions, Session};
use crate::storage::{Kind, StoreError, StoreResult, Value};

const WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
const READ: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY";

/// Locks are those of rows, and advisory ones where there is no row yet. All of them end with the transaction, also when the
/// process that holds them is killed.
const DIALECT: Dialect = Dialect {
    lock: " FOR UPDATE",
    claim: " FOR UPDATE SKIP LOCKED",
    decimal: |column| column,
    hold: Some("SELECT pg_advisory_xact_lock($1::regclass::oid::int, hashtext($2))"),
    try_hold: Some("SELECT pg_try_advisory_xact_lock($1::regclass::oid::int, hashtext($2))"),
    positions: Some(Positions {
        announce: ANNOUNCE,
        drawn: DRAWN,
        settled: SETTLED,
    }),
};

/// Where nothing is written nothing is locked.
pub(super) const READING: Dialect = Dialect {
    lock: "",
    claim: "",
    hold: None,
    try_hold: None,
    ..DIALECT
};

/// Who appends events says first, by a lock that nobody waits for, which position was the last that anyone had drawn then.
const ANNOUNCE: &str = "SELECT pg_advisory_xact_lock_shared(\
    'msarch_events_position_seq'::regclass::oid::int, ((last_value - CASE WHEN is_called THEN 0 ELSE 1 END) & 2147483647)::int) \
    FROM msarch_events_position_seq";
/// The last position that anyone has drawn.
const DRAWN: &str = "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM msarch_events_position_seq";
/// Of the positions up to `$1`, those behind this one may belong to transactions that still run. Only the lower 31 bits of an announced
/// position are known; one that lies ahead of `$1` holds nothing back.
const SETTLED: &str = "SELECT COALESCE(MIN($1 - behind) FILTER (WHERE behind < 1073741824), $1) \
    FROM (SELECT ($1 - objid::bigint) & 2147483647 AS behind FROM pg_locks \
    WHERE locktype = 'advisory' AND objsubid = 2 AND classid = 'msarch_events_position_seq'::regclass::oid \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS announced";

pub(super) struct PgSession {
    transaction: sqlx::Transaction<'static, Postgres>,
    dialect: Dialect,
    /// Whether a statement failed: then the server keeps nothing of the transaction, and says so only by the way.
    failed: bool,
    #[cfg(feature = "local")]
    changed: bool,
    _counted: Counted,
}

impl PgSession {
    pub(super) async fn begin(pool: &PgPool, usage: &Usage) -> StoreResult<Self> {
        Self::begin_with(pool, usage, WRITE, DIALECT).await
    }

    /// A transaction that writes nothing, for what has to hold something while it reads.
    pub(super) async fn begin_read(pool: &PgPool, usage: &Usage) -> StoreResult<Self> {
        Self::begin_with(pool, usage, READ, READING).await
    }

    async fn begin_with(
        pool: &PgPool,
        usage: &Usage,
        statement: &'static str,
        dialect: Dialect,
    ) -> StoreResult<Self> {
        let waiting = usage.count("waiting");
        let transaction = pool
            .begin_with(statement)
            .await
            .map_err(|error| failure("begin a transaction", error))?;
        drop(waiting);
        Ok(Self {
            transaction,
            dialect,
            failed: false,
            #[cfg(feature = "local")]
            changed: false,
            _counted: usage.count("in_use"),
        })
    }

    fn outcome<T>(&mut self, operation: &'static str, result: sqlx::Result<T>) -> StoreResult<T> {
        self.failed |= result.is_err();
        result.map_err(|error| failure(operation, error))
    }
}

#[async_trait]
impl Session for PgSession {
    fn dialect(&self) -> Dialect {
        self.dialect
    }

    async fn execute(&mut self, sql: Cow<'static, str>, arguments: Vec<Value>) -> StoreResult<u64> {
        // Safe: the text comes from this crate, names are quoted, and every value is an argument.
        let query = arguments
            .iter()
            .fold(sqlx::query(AssertSqlSafe(sql)), codec::bind);
        let done = query.execute(&mut *self.transaction).await;
        let rows = self.outcome("write", done)?.rows_affected();
        #[cfg(feature = "local")]
        {
            self.changed |= rows > 0;
        }
        Ok(rows)
    }

    async fn query(
        &mut self,
        sql: Cow<'static, str>,
        arguments: Vec<Value>,
        kinds: &[Kind],
    ) -> StoreResult<Vec<Vec<Value>>> {
        let rows = fetch(&mut self.transaction, sql, &arguments).await;
        let rows = self.outcome("read", rows)?;
        rows.iter().map(|row| codec::decode(row, kinds)).collect()
    }

    async fn script(&mut self, sql: &str) -> StoreResult<()> {
        let script = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let done = self.transaction.execute(script).await;
        self.outcome("run a script", done)?;
        Ok(())
    }

    async fn commit(self) -> StoreResult<()> {
        if self.failed {
            self.rollback().await?;
            let reason = "a statement of the transaction failed, so nothing of it can be kept";
            return Err(StoreError::backend("commit", reason));
        }
        let commit = self.transaction.commit();
        #[cfg(feature = "local")]
        if self.changed {
            let committed = crate::fault::durable::operation(commit).await;
            return committed.map_err(|error| failure("commit", error));
        }
        commit.await.map_err(|error| failure("commit", error))
    }

    async fn rollback(self) -> StoreResult<()> {
        self.transaction
            .rollback()
            .await
            .map_err(|error| failure("roll back", error))
    }
}

/// The rows of a query.
pub(super) async fn fetch(
    connection: &mut PgConnection,
    sql: Cow<'static, str>,
    arguments: &[Value],
) -> sqlx::Result<Vec<PgRow>> {
    // Safe: the text comes from this crate, names are quoted, and every value is an argument.
    let query = arguments
        .iter()
        .fold(sqlx::query(AssertSqlSafe(sql)), codec::bind);
    query.fetch_all(connection).await
}
