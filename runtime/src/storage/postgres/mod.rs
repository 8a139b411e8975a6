//! PostgreSQL: one database or schema per service, which several replicas of the service share.
//!
//! Every transaction runs at READ COMMITTED. What is read in order to be changed is locked, rows by `FOR UPDATE`, what has no row yet by an
//! advisory lock of the transaction; so a transaction waits for another one instead of failing because of it, and sees what that one left.
//! What only reads needs no transaction for that, since each of its statements would have a view of its own anyway: it costs one round trip.
//! A deadlock, a lost connection or a server that stops is [`StoreError::Unavailable`](super::StoreError::Unavailable), for the caller to try again.
//!
//! Events get their global positions from a sequence, and a transaction that began earlier may commit later. A reader of all streams
//! therefore reads only below the oldest running transaction that appends: each announces, before it draws a position, which one was the
//! last, by a shared advisory lock that nobody waits for and that ends with the transaction.
//!
//! `sslmode` and `sslrootcert` in the address mean what they mean to `psql`, but for two things: without `sslrootcert` the authorities of the
//! machine are trusted, and beside it too, so that `verify-full` is the mode to choose.
//!
//! ```no_run
//! use msarch_runtime::storage::postgres::{PostgresOptions, PostgresStore};
//! use msarch_runtime::storage::{Database, StoreResult};
//!
//! # async fn open() -> StoreResult<Database> {
//! let options = PostgresOptions::new("postgres://orders@127.0.0.1:5432/orders").schema("orders");
//! Ok(Database::new("orders", PostgresStore::open(options).await?))
//! # }
//! ```

mod codec;
mod error;
mod options;
mod reading;
mod session;
mod usage;

use async_trait::async_trait;
use sqlx::postgres::PgPool;

use self::error::refused;
use self::reading::PgReading;
use self::session::PgSession;
use self::usage::Usage;
pub use options::PostgresOptions;

use super::sql::{self, Session, SqlTransaction};
use super::{Kind, Migration, Store, StoreResult, Transaction, Value};
use crate::telemetry::Metrics;

const OWN_TABLES: &[Migration] = &[Migration::new(
    1,
    "tables of the runtime",
    include_str!("schema.sql"),
)];
/// One migrates at a time; the others wait, and find everything done.
const ALONE: &str = "SELECT pg_advisory_xact_lock(hashtext('msarch migrations'), hashtext($1))";
/// Held by the instance that publishes, until its transaction ends, also when it is killed.
const LEASE: &str =
    "SELECT pg_try_advisory_xact_lock('msarch_outbox'::regclass::oid::int, hashtext('relay'))";
const RECORD: &str = "CREATE TABLE msarch_migrations (\
     history TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, \
     applied_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (history, number))";

/// A service's database on a PostgreSQL server.
#[derive(Debug)]
pub struct PostgresStore {
    pool: PgPool,
    schema: String,
    usage: Usage,
}

impl PostgresStore {
    /// Opens the database. Its tables are made by the first migration.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`](super::StoreError::Unreachable), with what to set, when the server does not let us in.
    pub async fn open(options: PostgresOptions) -> StoreResult<Self> {
        let (connection, schema) = (options.connection()?, options.schema_name().to_owned());
        let server = format!(
            "PostgreSQL at {}:{} as `{}`",
            connection.get_host(),
            connection.get_port(),
            connection.get_username()
        );
        let pool = options
            .pool()
            .connect_with(connection)
            .await
            .map_err(|error| refused(&server, error))?;
        Ok(Self {
            pool,
            schema,
            usage: Usage::default(),
        })
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// The schema, made if it is missing; a role that may not make any is content with one that is there.
    async fn make_schema(&self, session: &mut PgSession) -> StoreResult<()> {
        let sql = "SELECT COUNT(*) FROM pg_namespace WHERE nspname = $1";
        let found = session
            .query(sql.into(), vec![self.schema.as_str().into()], &[Kind::Int])
            .await?;
        if found != [[Value::Int(1)]] {
            let sql = format!("CREATE SCHEMA {}", sql::quote(&self.schema));
            session.script(&sql).await?;
        }
        Ok(())
    }

    /// Whether the table of what was applied is there. Asked for rather than made if missing, of which the server says so every time.
    async fn has_record(&self, session: &mut impl Session) -> StoreResult<bool> {
        let sql = "SELECT COUNT(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
                   WHERE relname = 'msarch_migrations' AND nspname = $1";
        let found = session
            .query(sql.into(), vec![self.schema.as_str().into()], &[Kind::Int])
            .await?;
        Ok(found == [[Value::Int(1)]])
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn show(&self, metrics: &Metrics) {
        let most = self.pool.options().get_max_connections();
        self.usage.show(most, metrics);
    }

    async fn begin(&self) -> StoreResult<Box<dyn Transaction>> {
        let session = PgSession::begin(&self.pool, &self.usage).await?;
        Ok(Box::new(SqlTransaction(session)))
    }

    async fn begin_read(&self) -> StoreResult<Box<dyn Transaction>> {
        let session = PgReading::begin(&self.pool, &self.usage).await?;
        Ok(Box::new(SqlTransaction(session)))
    }

    async fn begin_relay(&self) -> StoreResult<Option<Box<dyn Transaction>>> {
        let mut session = PgSession::begin_read(&self.pool, &self.usage).await?;
        if session.query(LEASE.into(), vec![], &[Kind::Bool]).await? == [[Value::Bool(true)]] {
            return Ok(Some(Box::new(SqlTransaction(session))));
        }
        session.rollback().await?;
        Ok(None)
    }

    async fn migrate(&self, history: &str, migrations: &[Migration]) -> StoreResult<usize> {
        let mut session = PgSession::begin(&self.pool, &self.usage).await?;
        session
            .execute(ALONE.into(), vec![self.schema.as_str().into()])
            .await?;
        self.make_schema(&mut session).await?;
        if !self.has_record(&mut session).await? {
            session.script(RECORD).await?;
        }
        sql::migrate(&mut session, "runtime", OWN_TABLES).await?;
        let applied = sql::migrate(&mut session, history, migrations).await?;
        session.commit().await?;
        Ok(applied)
    }

    async fn is_migrated(&self, history: &str, migrations: &[Migration]) -> StoreResult<bool> {
        let mut session = PgReading::begin(&self.pool, &self.usage).await?;
        let migrated = self.has_record(&mut session).await?
            && sql::is_migrated(&mut session, "runtime", OWN_TABLES).await?
            && sql::is_migrated(&mut session, history, migrations).await?;
        Ok(migrated)
    }

    async fn ping(&self) -> StoreResult<()> {
        let mut session = PgReading::begin(&self.pool, &self.usage).await?;
        session
            .query("SELECT 1::bigint".into(), vec![], &[Kind::Int])
            .await?;
        Ok(())
    }
}
