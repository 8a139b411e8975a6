//! Everything durable, once, for every SQL database: a database brings a [`Session`] and its own types, and gets the rest.
//!
//! The SQL here is what SQLite and PostgreSQL share: `$1` placeholders, quoted identifiers, `ON CONFLICT DO NOTHING`.

mod condition;
mod events;
mod messages;
mod rows;
mod sagas;
mod schema;

use std::borrow::Cow;

use async_trait::async_trait;

pub(super) use schema::migrate;

use super::{Kind, StoreResult, Transaction, Value};

/// What differs between SQL databases.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// What makes a reading lock the rows it reads, or nothing where a writer is alone anyway.
    pub lock: &'static str,
    /// How a decimal column is written so that it compares by its value.
    pub decimal: fn(String) -> String,
}

/// A connection within a transaction.
#[async_trait]
pub trait Session: Send {
    /// How this database differs.
    fn dialect(&self) -> Dialect;
    /// Runs a statement, and says how many rows it touched.
    async fn execute(&mut self, sql: Cow<'static, str>, arguments: Vec<Value>) -> StoreResult<u64>;
    /// Runs a query whose columns are of these kinds.
    async fn query(
        &mut self,
        sql: Cow<'static, str>,
        arguments: Vec<Value>,
        kinds: &[Kind],
    ) -> StoreResult<Vec<Vec<Value>>>;
    /// Runs several statements without arguments.
    async fn script(&mut self, sql: &str) -> StoreResult<()>;
    /// Makes it durable.
    async fn commit(self) -> StoreResult<()>;
    /// Forgets it.
    async fn rollback(self) -> StoreResult<()>;
}

/// A [`Transaction`] over a [`Session`].
#[derive(Debug)]
pub struct SqlTransaction<S>(pub S);

#[async_trait]
impl<S: Session + 'static> Transaction for SqlTransaction<S> {
    async fn commit(self: Box<Self>) -> StoreResult<()> {
        self.0.commit().await
    }

    async fn rollback(self: Box<Self>) -> StoreResult<()> {
        self.0.rollback().await
    }
}

/// An identifier, quoted so that any name is taken for what it is.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The only value of the only row, as a count.
fn count(rows: &[Vec<Value>]) -> u64 {
    match rows.first().and_then(|row| row.first()) {
        Some(Value::Int(count)) => u64::try_from(*count).unwrap_or(0),
        _ => 0,
    }
}
