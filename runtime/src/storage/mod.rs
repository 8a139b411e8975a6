//! State that survives: records in tables, changed in units of work together with the messages that tell of the change.
//!
//! Everything durable passes through [`Store`] and [`Transaction`], so a database is added by implementing these (for an SQL
//! database, only [`sql::Session`]), and a test can stop the world between any two durable operations by wrapping them.
//!
//! ```
//! use msarch_runtime::messaging::Event;
//! use msarch_runtime::problem::Result;
//! use msarch_runtime::storage::sqlite::SqliteStore;
//! use msarch_runtime::storage::{Database, Filter, Floor, KeyedRequest, Migration, UnitOfWork, Uuid};
//! use serde::{Deserialize, Serialize};
//!
//! // An entity, as it is generated from the architecture.
//! #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! pub struct Article {
//!     pub id: Uuid,
//!     pub version: i64,
//!     pub created_at: chrono::DateTime<chrono::Utc>,
//!     pub updated_at: chrono::DateTime<chrono::Utc>,
//!     pub title: String,
//!     pub status: Status,
//!     pub price: rust_decimal::Decimal,
//!     pub available: i64,
//!     pub note: Option<String>,
//!     pub tags: Vec<String>,
//! }
//!
//! #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
//! #[serde(rename_all = "snake_case")]
//! pub enum Status { Draft, Listed }
//!
//! msarch_runtime::record!(Article in "articles" {
//!     id: Uuid, version: Int, created_at: Time, updated_at: Time,
//!     title: Text, status: Enum, price: Decimal, available: Int, note: Text or Null, tags: Json,
//! });
//! msarch_runtime::stored_as_text!(Status);
//!
//! const MIGRATIONS: &[Migration] = &[Migration::new(1, "articles", "
//!     CREATE TABLE articles (
//!         id TEXT PRIMARY KEY, version INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
//!         title TEXT NOT NULL, status TEXT NOT NULL, price TEXT NOT NULL, available INTEGER NOT NULL, note TEXT,
//!         tags TEXT NOT NULL)")];
//!
//! // An event, as a contracts crate declares it.
//! #[derive(Clone, Debug, Serialize, Deserialize)]
//! pub struct ArticleListed { pub article_id: Uuid }
//!
//! impl Event for ArticleListed {
//!     const NAME: &'static str = "ArticleListed";
//!     const VERSION: u32 = 1;
//!     const TOPIC: &'static str = "catalog.article-listed";
//!     fn key(&self) -> String { self.article_id.to_string() }
//! }
//!
//! // A handler: what it does and what it tells become durable together.
//! async fn list_article(uow: &mut UnitOfWork, title: String) -> Result<Article> {
//!     let article = Article {
//!         id: Uuid::now_v7(), version: 0, created_at: uow.now(), updated_at: uow.now(),
//!         title, status: Status::Draft, price: "9.90".parse().unwrap(), available: 5, note: None, tags: vec![],
//!     };
//!     let article = uow.repository::<Article>().insert(article).await?;
//!     uow.repository::<Article>().set(Filter::eq("id", article.id), &[("status", Status::Listed)]).await?;
//!     uow.publish(ArticleListed { article_id: article.id })?;
//!     Ok(article)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("catalog.db");
//! let database = Database::new("catalog", SqliteStore::open(path).await?);
//! database.migrate("service", MIGRATIONS).await?;
//!
//! // An endpoint: once per idempotency key, committed with the answer.
//! let key = Some(KeyedRequest::new("list_article", "key-1", &"Lamp")?);
//! let article: Article = database.once(key, async |uow| list_article(uow, "Lamp".into()).await).await?;
//!
//! // An effect with a floor: a typed refusal, which a caller sees as 409 and a saga as a rejection.
//! let refused = database
//!     .write(async |uow| {
//!         uow.repository::<Article>()
//!             .adjust(Filter::eq("id", article.id), &[("available", -6)], &[Floor::at_least("available", 0)])
//!             .await
//!     })
//!     .await;
//! assert!(refused.unwrap_err().is_refusal());
//! # Ok(())
//! # }
//! ```

mod change;
mod clock;
mod database;
mod error;
mod filter;
mod housekeeping;
mod idempotency;
mod migrations;
#[cfg(feature = "postgres")]
pub mod postgres;
mod record;
mod repository;
mod settings;
pub mod sql;
pub mod sqlite;
mod store;
mod undo;
mod unit_of_work;
mod value;
mod watch;

pub use change::Floor;
pub use clock::{Clock, ManualClock, SystemClock};
pub use database::Database;
pub use error::StoreError;
pub use filter::{Comparison, Filter, Listing, Order, Position, Query};
pub(crate) use housekeeping::before;
pub use housekeeping::{Housekeeping, Retention};
pub use idempotency::KeyedRequest;
pub use migrations::Migration;
pub use record::{Column, Record, Table, column_name};
pub use repository::Repository;
pub use settings::{DatabaseSettings, Migrations};
pub use store::{
    Events, Inbox, KeyRecord, KeyScope, Keys, Outbox, Rows, SagaLog, Select, Store, StoreResult,
    Transaction,
};
pub use undo::UndoLog;
pub use unit_of_work::UnitOfWork;
pub use uuid::Uuid;
pub use value::{FromValue, Kind, Row, Value};

#[cfg(test)]
pub(crate) use tests::{fixture as testing, fused};

#[cfg(all(test, feature = "postgres"))]
pub(crate) use tests::postgres::fixture as on_postgres;

#[cfg(test)]
mod tests;
