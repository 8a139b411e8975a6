//! Event-sourced aggregates.

pub mod aggregate_event_undeclared_or_unhandled;
pub mod domain_event_differs_from_integration_event;
pub mod event_never_raised;
pub mod malformed_aggregate;
pub mod no_optimistic_concurrency;
pub mod two_write_models;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    aggregate_event_undeclared_or_unhandled::RULE,
    domain_event_differs_from_integration_event::RULE,
    event_never_raised::RULE,
    malformed_aggregate::RULE,
    no_optimistic_concurrency::RULE,
    two_write_models::RULE,
];
