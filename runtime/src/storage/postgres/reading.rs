//! One PostgreSQL connection that is only read from, each statement for itself.

use std::borrow::Cow;

use async_trait::async_trait;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgPool, Postgres};

use super::codec;
use super::error::failure;
use super::session::{READING, fetch};
use super::usage::{Counted, Usage};
use crate::storage::sql::{Dialect, Session};
use crate::storage::{Kind, StoreError, StoreResult, Value};

/// Nothing ends what is written here but the statement itself, so nothing is: the server would keep it at once.
pub(super) struct PgReading {
    connection: PoolConnection<Postgres>,
    _counted: Counted,
}

impl PgReading {
    pub(super) async fn begin(pool: &PgPool, usage: &Usage) -> StoreResult<Self> {
        let waiting = usage.count("waiting");
        let connection = pool.acquire().await;
        let connection = connection.map_err(|error| failure("begin to read", error))?;
        drop(waiting);
        Ok(Self {
            connection,
            _counted: usage.count("in_use"),
        })
    }
}

#[async_trait]
impl Session for PgReading {
    fn dialect(&self) -> Dialect {
        READING
    }

    async fn execute(&mut self, _: Cow<'static, str>, _: Vec<Value>) -> StoreResult<u64> {
        Err(refused())
    }

    async fn query(
        &mut self,
        sql: Cow<'static, str>,
        arguments: Vec<Value>,
        kinds: &[Kind],
    ) -> StoreResult<Vec<Vec<Value>>> {
        let rows = fetch(&mut self.connection, sql, &arguments).await;
        let rows = rows.map_err(|error| failure("read", error))?;
        rows.iter().map(|row| codec::decode(row, kinds)).collect()
    }

    async fn script(&mut self, _: &str) -> StoreResult<()> {
        Err(refused())
    }

    async fn commit(self) -> StoreResult<()> {
        Ok(())
    }

    async fn rollback(self) -> StoreResult<()> {
        Ok(())
    }
}

fn refused() -> StoreError {
    StoreError::backend("write", "this unit of work was begun to read only")
}
