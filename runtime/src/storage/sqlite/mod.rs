//! SQLite: one file per service, in write-ahead mode, with one writing connection and several that read beside it.

mod codec;
mod session;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

pub(crate) use self::session::SqliteSession;
use super::sql::{self, Session, SqlTransaction};
use super::{Migration, Store, StoreError, StoreResult, Transaction};

const OWN_TABLES: &[Migration] = &[
    Migration::new(1, "tables of the runtime", include_str!("schema.sql")),
    Migration::new(2, "when sagas ended", include_str!("ended_sagas.sql")),
];
const RECORD: &str = "CREATE TABLE IF NOT EXISTS msarch_migrations (\
     history TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, \
     applied_at TEXT NOT NULL, PRIMARY KEY (history, number))";
const READERS: u32 = 4;

/// What a commit survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process at any instruction. The last commits may be lost when the machine loses power.
    #[default]
    Process,
    /// A loss of power as well, at the price of a disk flush per commit.
    Power,
}

/// A service's database in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens the file, makes it if it is missing, and brings the runtime's own tables up to date.
    ///
    /// # Errors
    /// When the file cannot be opened or its tables do not fit this version.
    pub async fn open(path: impl AsRef<Path>) -> StoreResult<Self> {
        Self::open_with(path, Durability::default()).await
    }

    /// Opens the file with a durability of choice.
    ///
    /// # Errors
    /// When the file cannot be opened or its tables do not fit this version.
    pub async fn open_with(path: impl AsRef<Path>, durability: Durability) -> StoreResult<Self> {
        let (writer, readers) = pools(path.as_ref(), durability).await?;
        let store = Self { writer, readers };
        store.migrate("runtime", OWN_TABLES).await?;
        Ok(store)
    }

    /// Closes all connections, so that the file can be moved or removed.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A pool of one writing connection, and a pool of connections that only read.
pub(crate) async fn pools(
    path: &Path,
    durability: Durability,
) -> StoreResult<(SqlitePool, SqlitePool)> {
    let open = |source: sqlx::Error| StoreError::Unreachable {
        server: format!("the file {}", path.display()),
        help: "see to it that its folder is there and may be written to".into(),
        source: source.into(),
    };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match durability {
            Durability::Process => SqliteSynchronous::Normal,
            Durability::Power => SqliteSynchronous::Full,
        })
        .collation(codec::DECIMAL, codec::compare_decimals);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options.clone())
        .await
        .map_err(open)?;
    let reading = options.pragma("query_only", "ON");
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .connect_lazy_with(reading);
    Ok((writer, readers))
}

/// Brings a history of a file up to date, and says how many migrations were missing.
pub(crate) async fn migrate_file(
    writer: &SqlitePool,
    history: &str,
    migrations: &[Migration],
) -> StoreResult<usize> {
    let mut session = SqliteSession::begin(writer, "BEGIN IMMEDIATE").await?;
    session.script(RECORD).await?;
    let applied = sql::migrate(&mut session, history, migrations).await?;
    session.commit().await?;
    Ok(applied)
}

#[async_trait]
impl Store for SqliteStore {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    async fn begin(&self) -> StoreResult<Box<dyn Transaction>> {
        // Immediate, so that a transaction that reads first and writes later never fails on the way.
        Ok(Box::new(SqlTransaction(
            SqliteSession::begin(&self.writer, "BEGIN IMMEDIATE").await?,
        )))
    }

    async fn begin_read(&self) -> StoreResult<Box<dyn Transaction>> {
        Ok(Box::new(SqlTransaction(
            SqliteSession::begin(&self.readers, "BEGIN").await?,
        )))
    }

    async fn migrate(&self, history: &str, migrations: &[Migration]) -> StoreResult<usize> {
        migrate_file(&self.writer, history, migrations).await
    }

    async fn is_migrated(&self, history: &str, migrations: &[Migration]) -> StoreResult<bool> {
        let mut session = SqliteSession::begin(&self.writer, "BEGIN IMMEDIATE").await?;
        session.script(RECORD).await?;
        let migrated = sql::is_migrated(&mut session, history, migrations).await?;
        session.rollback().await?;
        Ok(migrated)
    }

    async fn ping(&self) -> StoreResult<()> {
        let session = SqliteSession::begin(&self.readers, "BEGIN").await?;
        session.rollback().await
    }
}
