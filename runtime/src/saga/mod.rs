//! Sagas: changes that span services, done step by step and taken back step by step when one cannot be done.
//!
//! A service coordinates a saga with a [`Coordinator`]; each service that takes steps runs a [`Participant`]. They talk in messages, from
//! outbox to broker, and each transition is one local transaction, so that a crash at any instruction is made good by delivering again.
//! A participant notes each step together with an undo log of its effects: a command that comes twice takes effect once, a step can be
//! undone without a line of code, and a command that comes after its own compensation finds a tombstone.
//!
//! A step that is refused ([`StepError::Reject`]) compensates at once; one that fails is tried again first; one that does not answer is
//! taken back, since nobody knows whether it was taken. A pivot that does not answer is asked to settle: it says that it is done, or
//! never will be. Behind the pivot the saga only goes forward. What it does at its end may be refused too: it is stuck then, and ends
//! once that is accepted. Long after its end it is forgotten, by everyone who took part.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use async_trait::async_trait;
//! use msarch_runtime::messaging::embedded::EmbeddedBus;
//! use msarch_runtime::messaging::{Bus, OutboxRelay};
//! use msarch_runtime::problem::Result;
//! use msarch_runtime::saga::{self, Coordinator, Definition, Participant, Saga, SagaData, Step, StepDefinition, StepError, StepKind};
//! use msarch_runtime::storage::sqlite::SqliteStore;
//! use msarch_runtime::storage::{Database, UnitOfWork, Uuid};
//! use serde::{Deserialize, Serialize};
//! use serde_json::{Value, json};
//!
//! // The coordinator's side, generated from the architecture.
//! static DEFINITION: Definition = Definition {
//!     name: "Checkout",
//!     version: 1,
//!     timeout: Duration::from_secs(60),
//!     steps: &[
//!         StepDefinition::new("reserve", "shop", StepKind::Compensatable).compensation("release").timeout(Duration::from_secs(5)),
//!         StepDefinition::new("charge", "shop", StepKind::Pivot),
//!     ],
//! };
//!
//! struct Checkout;
//!
//! #[async_trait]
//! impl Saga for Checkout {
//!     fn definition(&self) -> &'static Definition { &DEFINITION }
//!
//!     fn input(&self, step: &str, data: &SagaData) -> Result<Value> {
//!         Ok(match step {
//!             "reserve" => json!({ "quantity": data.input["quantity"] }),
//!             _ => json!({ "reservation": data.output::<Uuid>("reserve")? }),
//!         })
//!     }
//!
//!     async fn on_success(&self, _uow: &mut UnitOfWork, _data: &SagaData) -> Result<()> {
//!         Ok(()) // move the aggregate's state here, or publish an event
//!     }
//! }
//!
//! // A participant's side: the step's default handler is its declared effects, such as
//! // step.repository::<Stock>().adjust(Filter::eq("product_id", id), &[("available", -n)], &[Floor::at_least("available", 0)]).await?;
//! #[derive(Serialize, Deserialize)]
//! struct ReserveInput { quantity: i64 }
//! struct Reserve;
//!
//! #[async_trait]
//! impl Step for Reserve {
//!     type Input = ReserveInput;
//!     type Output = Uuid;
//!     const SAGA: &'static str = "Checkout";
//!     const NAME: &'static str = "reserve";
//!
//!     async fn run(&self, _step: &mut UnitOfWork, input: ReserveInput) -> Result<Uuid, StepError> {
//!         if input.quantity > 10 { return Err(StepError::reject("out of stock")) }
//!         Ok(Uuid::now_v7())
//!     }
//! }
//!
//! #[derive(Serialize, Deserialize)]
//! struct ChargeInput { reservation: Uuid }
//! struct Charge;
//!
//! #[async_trait]
//! impl Step for Charge {
//!     type Input = ChargeInput;
//!     type Output = ();
//!     const SAGA: &'static str = "Checkout";
//!     const NAME: &'static str = "charge";
//!
//!     async fn run(&self, _step: &mut UnitOfWork, _input: ChargeInput) -> Result<(), StepError> { Ok(()) }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! # let folder = tempfile::tempdir().unwrap();
//! # let file = |name: &str| folder.path().join(name);
//! let bus: Arc<dyn Bus> = Arc::new(EmbeddedBus::open(file("broker.db")).await?);
//! let shop = Database::new("shop", SqliteStore::open(file("shop.db")).await?);
//!
//! // In a service these three are workers; here they are run by hand until nothing moves.
//! let relay = OutboxRelay::new(shop.clone(), bus.clone());
//! let coordinator = Coordinator::new(shop.clone(), bus.clone()).saga(Checkout);
//! let participant = Participant::new(shop.clone(), bus.clone()).step(Reserve).step(Charge);
//!
//! let id = Uuid::now_v7();
//! let mut uow = shop.begin().await?;
//! saga::start(&mut uow, &Checkout, id, &json!({ "quantity": 2 })).await?;
//! uow.commit().await?;
//! while relay.drain().await? + participant.drain().await? + coordinator.drain().await? > 0 {}
//!
//! let stored = shop.read().await?.transaction().saga_load(id).await?.expect("it was started");
//! assert_eq!(stored.status, "committed");
//! # Ok(())
//! # }
//! ```

mod behaviour;
mod coordinator;
mod definition;
mod faults;
mod forgetting;
mod instance;
mod log;
mod origin;
mod participant;
mod participation;
mod protocol;
mod step;
mod transition;

pub use behaviour::Saga;
pub use coordinator::Coordinator;
pub use definition::{Definition, StepDefinition, StepKind};
pub use faults::{AskedFor, Faults, Provoked};
pub use instance::{SagaData, SagaFailure};
pub use log::{ParticipationRecord, SagaCount, SagaRecord};
pub use participant::Participant;
pub use protocol::{Action, Command, Outcome, Reply, commands_topic, replies_topic};
pub use step::{Completed, Step, StepError};
pub use transition::start;

#[cfg(test)]
mod tests;
