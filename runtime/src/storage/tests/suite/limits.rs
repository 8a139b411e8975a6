//! Limits hold for whatever is written, and what was stored before they were drawn stands in nobody's way.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::fixture;
use crate::storage::{Database, Filter, Migration, Record, StoreError, StoreResult};
use crate::validate::{Checks, Limited};

#[derive(Clone, Debug, PartialEq)]
struct Shelf {
    id: Uuid,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    books: i64,
    label: String,
}

crate::record!(limited Shelf in "shelves" {
    id: Uuid, version: Int, created_at: Time, updated_at: Time, books: Int, label: Text,
});

impl Limited for Shelf {
    fn limits(&self, checks: Checks) -> Checks {
        checks
            .min("/books", self.books, 0)
            .max("/books", self.books, 5)
            .max_length("/label", self.label.chars().count(), 3)
    }
}

const MIGRATIONS: &[Migration] = &[Migration::new(
    1,
    "shelves",
    "CREATE TABLE shelves (id UUID PRIMARY KEY, version BIGINT NOT NULL, created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL,
     books BIGINT NOT NULL, label TEXT NOT NULL)",
)];

fn shelf(books: i64, label: &str) -> Shelf {
    Shelf {
        id: Uuid::nil(),
        version: 0,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        books,
        label: label.to_owned(),
    }
}

async fn insert(database: &Database, shelf: Shelf) -> StoreResult<Shelf> {
    database
        .write(async |uow| uow.repository::<Shelf>().insert(shelf).await)
        .await
}

async fn only(database: &Database) -> Shelf {
    let mut uow = database.read().await.unwrap();
    let found = uow.repository::<Shelf>().first(Filter::all()).await;
    found.unwrap().unwrap()
}

#[tokio::test]
async fn a_record_that_breaks_a_limit_is_not_added() {
    let (database, _folder) = fixture::with(MIGRATIONS).await;
    let error = insert(&database, shelf(6, "long")).await.unwrap_err();
    assert!(error.is_refusal(), "{error}");
    assert_eq!(
        error.to_string(),
        "`shelves` cannot hold this: books must be at most 5; label must not be longer than 3"
    );
}

#[tokio::test]
async fn a_value_that_breaks_a_limit_is_not_written() {
    let (database, _folder) = fixture::with(MIGRATIONS).await;
    let before = insert(&database, shelf(5, "abc")).await.unwrap();
    let set = database.write(async |uow| {
        let shelves = &mut uow.repository::<Shelf>();
        shelves.set(Filter::all(), &[("books", -1)]).await
    });
    assert!(matches!(set.await, Err(StoreError::Unfit { .. })));
    let update = database.write(async |uow| {
        let label = "abcd".to_owned();
        let changed = Shelf {
            label,
            ..before.clone()
        };
        uow.repository::<Shelf>().update(changed).await
    });
    assert!(matches!(update.await, Err(StoreError::Unfit { .. })));
    assert_eq!(only(&database).await, before);
}

#[tokio::test]
async fn an_adjustment_beyond_a_limit_is_refused() {
    let (database, _folder) = fixture::with(MIGRATIONS).await;
    let before = insert(&database, shelf(5, "abc")).await.unwrap();
    for by in [1, -6] {
        let adjust = database.write(async |uow| {
            let shelves = &mut uow.repository::<Shelf>();
            shelves.adjust(Filter::all(), &[("books", by)], &[]).await
        });
        let error = adjust.await.unwrap_err();
        assert!(
            matches!(error, StoreError::Beyond { .. }) && error.is_refusal(),
            "{error}"
        );
    }
    assert_eq!(only(&database).await, before);
}

#[tokio::test]
async fn what_was_stored_before_a_limit_was_drawn_stands_in_nobodys_way() {
    let (database, _folder) = fixture::with(MIGRATIONS).await;
    let older = shelf(1, "long ago").to_row().unwrap();
    let older = older.with("version", 1_i64);
    let insert = database.write(async |uow| {
        let rows = uow.transaction();
        rows.insert_row(&Shelf::TABLE, &older).await
    });
    insert.await.unwrap();
    let set = database.write(async |uow| {
        let shelves = &mut uow.repository::<Shelf>();
        shelves.set(Filter::all(), &[("books", 2)]).await
    });
    set.await.unwrap();
    let after = only(&database).await;
    assert_eq!((after.books, after.label.as_str()), (2, "long ago"));
}
