//! Event-sourced aggregates.

pub mod event_never_raised;
pub mod malformed_aggregate;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[event_never_raised::RULE, malformed_aggregate::RULE];
