//! Event-sourced aggregates.

pub mod event_never_raised;
pub mod unreachable_command;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[event_never_raised::RULE, unreachable_command::RULE];
