//! A database in SQLite with one table that has a column of every kind.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use uuid::Uuid;

use crate::messaging::Event;
use crate::storage::sqlite::SqliteStore;
use crate::storage::{Clock, Database, Migration, SystemClock};

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shade {
    Light,
    VeryDark,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Thing {
    pub(crate) id: Uuid,
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) name: String,
    pub(crate) r#type: Option<String>,
    pub(crate) shade: Shade,
    pub(crate) amount: Decimal,
    pub(crate) count: i64,
    pub(crate) weight: f64,
    pub(crate) sold: bool,
    pub(crate) day: Option<NaiveDate>,
    pub(crate) parts: Vec<String>,
}

crate::record!(Thing in "order" {
    id: Uuid, version: Int, created_at: Time, updated_at: Time, name: Text, r#type: Text or Null, shade: Enum,
    amount: Decimal, count: Int, weight: Float, sold: Bool, day: Date or Null, parts: Json,
});
crate::stored_as_text!(Shade);

/// The table bears a name that SQL reserves, and so does a column.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration::new(
    1,
    "things",
    "CREATE TABLE \"order\" (id TEXT PRIMARY KEY, version INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
     name TEXT NOT NULL UNIQUE, type TEXT, shade TEXT NOT NULL, amount TEXT NOT NULL, count INTEGER NOT NULL, weight REAL NOT NULL,
     sold INTEGER NOT NULL, day TEXT, parts TEXT NOT NULL)",
)];

impl Thing {
    pub(crate) fn named(name: &str) -> Self {
        Self {
            id: Uuid::nil(),
            version: 0,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            name: name.to_owned(),
            r#type: None,
            shade: Shade::VeryDark,
            amount: Decimal::new(1050, 2),
            count: 5,
            weight: 0.5,
            sold: false,
            day: NaiveDate::from_ymd_opt(2026, 11, 22),
            parts: vec!["a".to_owned()],
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ThingMade {
    pub(crate) thing_id: Uuid,
}

impl Event for ThingMade {
    const NAME: &'static str = "ThingMade";
    const VERSION: u32 = 1;
    const TOPIC: &'static str = "things.thing-made";

    fn key(&self) -> String {
        self.thing_id.to_string()
    }
}

/// Where the data lies, for as long as the test needs it.
pub(crate) type Place = TempDir;

pub(crate) async fn database() -> (Database, Place) {
    with(MIGRATIONS).await
}

/// A database with tables of one's own.
pub(crate) async fn with(migrations: &'static [Migration]) -> (Database, Place) {
    on_clock(migrations, SystemClock).await
}

/// A database that goes by another clock.
pub(crate) async fn on_clock(
    migrations: &'static [Migration],
    clock: impl Clock,
) -> (Database, Place) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("things.db"))
        .await
        .unwrap();
    let database = Database::with_clock("things", Arc::new(store), Arc::new(clock));
    database.migrate("service", migrations).await.unwrap();
    (database, folder)
}

pub(crate) async fn insert(database: &Database, thing: Thing) -> Thing {
    database
        .write(async |uow| uow.repository::<Thing>().insert(thing).await)
        .await
        .unwrap()
}

pub(crate) async fn get(database: &Database, id: Uuid) -> Thing {
    database
        .read()
        .await
        .unwrap()
        .repository::<Thing>()
        .get(id)
        .await
        .unwrap()
}
