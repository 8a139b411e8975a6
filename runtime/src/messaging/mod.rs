//! Messages between services: sent with the change that they tell of, and received once.
//!
//! A handler publishes within its [`UnitOfWork`](crate::storage::UnitOfWork); the event lies in the outbox when the change is committed.
//! The [`OutboxRelay`] takes it to a [`Bus`], which delivers it at least once to each group of consumers. A [`ConsumerWorker`] notes it
//! in the inbox and reacts in one transaction, so that it takes effect once. What fails too often is kept as a [`DeadLetter`]; what only waits for a store or
//! a service that is not available is tried without end.
//!
//! ```
//! use std::sync::Arc;
//! use msarch_runtime::messaging::embedded::EmbeddedBus;
//! use msarch_runtime::messaging::{Bus, Consumer, ConsumerWorker, Event, OutboxRelay};
//! use msarch_runtime::problem::Result;
//! use msarch_runtime::storage::sqlite::SqliteStore;
//! use msarch_runtime::storage::{Database, UnitOfWork};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct OrderPlaced { order: String }
//!
//! impl Event for OrderPlaced {
//!     const NAME: &'static str = "OrderPlaced";
//!     const VERSION: u32 = 1;
//!     const TOPIC: &'static str = "sales.order-placed.v1";
//!     fn key(&self) -> String { self.order.clone() }
//! }
//!
//! #[derive(Serialize, Deserialize)]
//! struct Invoiced { order: String }
//!
//! impl Event for Invoiced {
//!     const NAME: &'static str = "Invoiced";
//!     const VERSION: u32 = 1;
//!     const TOPIC: &'static str = "billing.invoiced.v1";
//! }
//!
//! struct InvoiceOnOrderPlaced;
//!
//! #[async_trait::async_trait]
//! impl Consumer for InvoiceOnOrderPlaced {
//!     type Event = OrderPlaced;
//!     const NAME: &'static str = "billing.invoice-on-order-placed";
//!
//!     async fn handle(&self, uow: &mut UnitOfWork, event: OrderPlaced) -> Result<()> {
//!         uow.publish(Invoiced { order: event.order })?;
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! # let folder = tempfile::tempdir().unwrap();
//! # let file = |name: &str| folder.path().join(name);
//! let bus: Arc<dyn Bus> = Arc::new(EmbeddedBus::open(file("broker.db")).await?);
//! let sales = Database::new("sales", SqliteStore::open(file("sales.db")).await?);
//! let billing = Database::new("billing", SqliteStore::open(file("billing.db")).await?);
//!
//! // In a service these two are workers; here they are run by hand, once.
//! let relay = OutboxRelay::new(sales.clone(), bus.clone());
//! let consumer = ConsumerWorker::new(InvoiceOnOrderPlaced, billing.clone(), bus.clone());
//!
//! let mut uow = sales.begin().await?;
//! uow.publish(OrderPlaced { order: "o-1".into() })?;
//! uow.commit().await?;
//! relay.drain().await?;
//! assert_eq!(consumer.drain().await?, 1);
//! assert_eq!(billing.read().await?.transaction().outbox_size().await?, 1);
//! # Ok(())
//! # }
//! ```

mod backlog;
mod bus;
mod consumer;
pub(crate) mod delivery;
pub mod embedded;
mod envelope;
mod error;
#[cfg(feature = "nats")]
pub mod nats;
mod outage;
mod relay;
mod settings;

pub use bus::{Answer, Bus, BusResult, DeadLetter, Delivery, Subscription};
pub use consumer::{Consumer, ConsumerWorker, idempotency_key};
pub use delivery::DeliveryPolicy;
pub use envelope::{Envelope, Event};
pub use error::MessageError;
pub use relay::OutboxRelay;
pub use settings::{BrokerDefaults, BrokerSettings};

#[cfg(test)]
mod tests;
