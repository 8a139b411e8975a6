//! What every generated service stands on: one folder per mechanism, each with a runnable example at its door.
//!
//! Nothing in here knows any architecture: names, routes, fields and policies arrive from generated code.

pub mod context;
pub mod health;
pub mod problem;
pub mod shutdown;
pub mod telemetry;
pub mod worker;
