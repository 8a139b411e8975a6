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

pub(super) use schema::{is_migrated, migrate};

use super::{Kind, StoreResult, Transaction, Value};

/// What differs between SQL databases.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// What makes a reading lock the rows it reads, or nothing where a writer is alone anyway.
    pub lock: &'static str,
    /// The same, without the rows that somebody else has locked.
    pub claim: &'static str,
    /// How a decimal column is written so that it compares by its value.
    pub decimal: fn(String) -> String,
    /// Holds what has no row yet against others until the transaction ends: the name of a table and a text. None where a writer is
    /// alone anyway, here and below.
    pub hold: Option<&'static str>,
    /// The same without waiting: whether nobody else holds it.
    pub try_hold: Option<&'static str>,
    /// How positions of events are read in order although transactions overlap.
    pub positions: Option<Positions>,
}

/// How positions of events are read in order although transactions overlap: none is read as long as a lower one may still come.
#[derive(Clone, Copy, Debug)]
pub struct Positions {
    /// Says that this transaction will draw positions behind the last that was drawn.
    pub announce: &'static str,
    /// The last position that was drawn.
    pub drawn: &'static str,
    /// The position up to which everything is settled, of those up to an argument. Asked after [`drawn`](Self::drawn), and before the events.
    pub settled: &'static str,
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

impl<S: Session> SqlTransaction<S> {
    /// Holds something that may have no row yet against others until the transaction ends.
    async fn hold(&mut self, table: &str, what: &str) -> StoreResult<()> {
        if let Some(hold) = self.0.dialect().hold {
            let arguments = vec![table.into(), what.into()];
            self.0.execute(hold.into(), arguments).await?;
        }
        Ok(())
    }

    /// Holds something if nobody else does, and says whether that is so.
    async fn try_hold(&mut self, table: &str, what: &str) -> StoreResult<bool> {
        let Some(hold) = self.0.dialect().try_hold else {
            return Ok(true);
        };
        let arguments = vec![table.into(), what.into()];
        let rows = self.0.query(hold.into(), arguments, &[Kind::Bool]).await?;
        Ok(rows == [[Value::Bool(true)]])
    }
}

/// An identifier, quoted so that any name is taken for what it is.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The only value of the only row, as a count.
fn count(rows: &[Vec<Value>]) -> u64 {
    match rows.first().and_then(|row| row.first()) {
        Some(Value::Int(count)) => u64::try_from(*count).unwrap_or(0),
        _ => 0,
    }
}
