//! What every generated service stands on: one folder per mechanism, each with a runnable example at its door.
//!
//! Nothing in here knows any architecture: names, routes, fields and policies arrive from generated code.

pub mod arithmetic;
pub mod auth;
pub mod cache;
pub mod client;
pub mod config;
pub mod context;
pub mod convert;
pub mod event_store;
#[cfg(feature = "local")]
pub mod fault;
pub mod gateway;
pub mod health;
pub mod http;
#[cfg(feature = "local")]
pub mod local;
pub mod messaging;
pub mod problem;
pub mod rate_limit;
pub mod resilience;
pub mod saga;
pub mod service;
pub mod shutdown;
pub mod storage;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tls;
pub mod validate;
pub mod worker;
