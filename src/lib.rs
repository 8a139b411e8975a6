//! msarch: one declarative file is the system.
//!
//! Data falls one floor at a time, and nothing climbs back:
//! text → `syntax` → `model` → `graph` → `rules` → `plan` → `emit` → `write`.

pub mod syntax;

pub mod model;

pub mod graph;

pub mod rules;

pub mod plan;

pub mod emit;

pub mod write;

pub mod report;

pub mod cli;
