//! Event sourcing: what happened is stored, and the state is what it has come to.
//!
//! A command is decided on the state as loaded, and its events are appended with the version that the decision was based on; of two
//! writers at the same time one is told [`StoreError::StreamChanged`](crate::storage::StoreError). Stream, projection row and published
//! messages are part of one unit of work. An event that is not known is an error and never passed over.
//!
//! ```
//! use msarch_runtime::event_store::{Aggregate, Upcasters};
//! use msarch_runtime::problem::{Problem, Result};
//! use msarch_runtime::storage::sqlite::SqliteStore;
//! use msarch_runtime::storage::{Database, Uuid};
//! use serde::{Deserialize, Serialize};
//! use serde_json::json;
//!
//! #[derive(Clone, Debug, Serialize, Deserialize)]
//! pub struct Deposited { pub cents: i64, pub reason: String }
//!
//! pub enum AccountEvent { Deposited(Deposited) }
//! msarch_runtime::aggregate_events!(AccountEvent { Deposited: 2 });
//!
//! pub enum AccountCommand { Deposit(i64) }
//!
//! #[derive(Default, Serialize, Deserialize)]
//! pub struct Account { pub cents: i64 }
//!
//! impl Aggregate for Account {
//!     const NAME: &'static str = "account";
//!     type Event = AccountEvent;
//!     type Command = AccountCommand;
//!     type Error = Problem;
//!
//!     fn apply(&mut self, AccountEvent::Deposited(event): &AccountEvent) {
//!         self.cents += event.cents;
//!     }
//!
//!     fn handle(&self, AccountCommand::Deposit(cents): AccountCommand) -> Result<Vec<AccountEvent>> {
//!         if cents <= 0 { return Err(Problem::conflict("a deposit must be positive")) }
//!         Ok(vec![AccountEvent::Deposited(Deposited { cents, reason: "counter".into() })])
//!     }
//!
//!     fn upcasters() -> Upcasters {
//!         Upcasters::none().add("Deposited", 1, |mut data| {
//!             data["reason"] = json!("unknown");
//!             data
//!         })
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("bank.db");
//! let bank = Database::new("bank", SqliteStore::open(path).await?);
//! let id = Uuid::now_v7();
//! let mut uow = bank.begin().await?;
//! let done = uow.aggregates::<Account>().execute(id, AccountCommand::Deposit(250)).await?;
//! uow.commit().await?;
//! assert_eq!((done.state.cents, done.version), (250, 1));
//! # Ok(())
//! # }
//! ```

mod aggregate;
mod event;
mod streams;
mod upcast;

pub use aggregate::{Aggregate, AggregateEvent, Aggregates, Executed, Loaded};
pub use event::{NewEvent, Snapshot, StoredEvent};
pub use streams::{EventStore, ExpectedVersion};
pub use upcast::{Upcaster, Upcasters};
