//! The e-commerce example as it is deployed: a process for each copy of a service, on real PostgreSQL, NATS and Redis, behind a real Envoy
//! with the configuration that was generated.

#[path = "../support/mod.rs"]
mod support;

#[path = "../part/mod.rs"]
mod part;

mod collector;
mod described;
mod doubler;
mod fleet;
mod gateway;
mod issuer;
mod process;
mod scenario;
mod secrets;
mod servers;
mod soak;
mod system;
