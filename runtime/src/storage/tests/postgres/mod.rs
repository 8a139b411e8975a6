//! The suite on PostgreSQL, and what only a store that several replicas share must promise.

#[path = "../suite/mod.rs"]
#[expect(clippy::duplicate_mod, reason = "one suite, on each store")]
mod suite;

pub(crate) mod fixture;
mod opening;
mod positions;
mod reading;
mod relays;
mod replicas;
mod tls;
mod usage;
