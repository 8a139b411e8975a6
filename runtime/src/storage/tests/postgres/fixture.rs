//! A schema of its own for each test, on a real server.

use std::sync::{Arc, OnceLock};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) use crate::storage::testing::{Shade, Thing, ThingMade, get, insert};

use crate::storage::postgres::{PostgresOptions, PostgresStore};
use crate::storage::{Clock, Database, Migration, SystemClock};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration::new(
    1,
    "things",
    "CREATE TABLE \"order\" (id UUID PRIMARY KEY, version BIGINT NOT NULL, created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL,
     name TEXT COLLATE \"C\" NOT NULL UNIQUE, type TEXT COLLATE \"C\", shade TEXT COLLATE \"C\" NOT NULL, amount NUMERIC NOT NULL,
     count BIGINT NOT NULL, weight DOUBLE PRECISION NOT NULL, sold BOOLEAN NOT NULL, day DATE, parts JSONB NOT NULL)",
)];

/// Where the server is: `MSARCH_POSTGRES_URL`, or the usual place on this machine.
pub(crate) fn server() -> String {
    std::env::var("MSARCH_POSTGRES_URL")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}

/// Whether the server answers. Where it does not, the suite runs on SQLite once more and the rest is left out, unless
/// `MSARCH_REQUIRE_PARTS` asks for every part.
fn answers() -> bool {
    static ANSWERS: OnceLock<bool> = OnceLock::new();
    *ANSWERS.get_or_init(|| {
        let asked = waited_for(async { PgConnection::connect(&server()).await });
        let required = std::env::var("MSARCH_REQUIRE_PARTS").is_ok_and(|value| value == "1");
        match asked {
            Ok(_) => true,
            Err(error) if required => panic!("PostgreSQL is required and does not answer: {error}"),
            Err(error) => {
                eprintln!(
                    "skipped: PostgreSQL does not answer, so nothing is tested on it: {error}"
                );
                false
            }
        }
    })
}

/// Waits on a thread of its own, for places that cannot wait themselves.
fn waited_for<T: Send>(work: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(work)
        });
        thread.join().unwrap()
    })
}

/// A schema, removed with all that works on it when the test ends.
pub(crate) struct Place {
    schema: String,
    instead: Option<TempDir>,
}

impl Place {
    /// A schema that nobody has made yet; none where no server answers.
    pub(crate) fn new() -> Option<Self> {
        answers().then(|| Self {
            schema: format!("msarch_{}", Uuid::now_v7().simple()),
            instead: None,
        })
    }

    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    pub(crate) fn options(&self) -> PostgresOptions {
        let url = format!("{}?application_name={}", server(), self.schema);
        PostgresOptions::new(&url).schema(&self.schema)
    }

    pub(crate) async fn store(&self) -> PostgresStore {
        PostgresStore::open(self.options()).await.unwrap()
    }

    /// The database as one more instance of the service sees it.
    pub(crate) async fn instance(&self) -> Database {
        Database::new("things", self.store().await)
    }

    /// Ends every connection to the schema, as a server does that stops.
    pub(crate) async fn disconnect(&self) {
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{}'",
            self.schema
        );
        let mut connection = PgConnection::connect(&server()).await.unwrap();
        connection.execute(AssertSqlSafe(end)).await.unwrap();
        connection.close().await.unwrap();
    }

    async fn remove(&self) {
        self.disconnect().await;
        let drop = format!("DROP SCHEMA IF EXISTS {} CASCADE", self.schema);
        let mut connection = PgConnection::connect(&server()).await.unwrap();
        connection.execute(AssertSqlSafe(drop)).await.unwrap();
        connection.close().await.unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.instead.is_none() {
            waited_for(self.remove());
        }
    }
}

pub(crate) async fn database() -> (Database, Place) {
    with(MIGRATIONS).await
}

pub(crate) async fn with(migrations: &'static [Migration]) -> (Database, Place) {
    on_clock(migrations, SystemClock).await
}

pub(crate) async fn on_clock(
    migrations: &'static [Migration],
    clock: impl Clock,
) -> (Database, Place) {
    let Some(place) = Place::new() else {
        return instead(migrations, clock).await;
    };
    let store = Arc::new(place.store().await);
    let database = Database::with_clock("things", store, Arc::new(clock));
    database.migrate("service", migrations).await.unwrap();
    (database, place)
}

async fn instead(migrations: &'static [Migration], clock: impl Clock) -> (Database, Place) {
    let migrations = if migrations[0].name == MIGRATIONS[0].name {
        crate::storage::testing::MIGRATIONS
    } else {
        migrations
    };
    let (database, folder) = crate::storage::testing::on_clock(migrations, clock).await;
    let place = Place {
        schema: String::new(),
        instead: Some(folder),
    };
    (database, place)
}
