//! How the tables of a service become what the architecture now says, step by numbered step.
//!
//! What was written once is never rewritten: each generation compares the tables of the model with the [`Snapshot`] that the lock keeps, and
//! appends one migration per service where they differ. Nothing that holds data is dropped unless the user asks for it: a column that the
//! architecture no longer has stays, emptied of its constraints, and comes back when the field does. Migrations that people add to the
//! folder ([`Own`]) are run among ours, in the order of the numbers; ours take numbers above all that are there.

mod declared;
mod evolve;
mod history;
mod own;
mod postgres;
mod schema;
mod snapshot;
mod sql;
mod wanted;

pub use evolve::{Evolution, Migration, evolve};
pub use history::History;
pub use own::Own;
pub use schema::{Column, Distinct, Schema, Table};
pub use snapshot::{Applied, Snapshot, SnapshotError};
pub use sql::Dialect;
pub(in crate::plan) use wanted::schema;
