//! Sagas: what they do, and the way back.

pub mod compensation_out_of_order;
pub mod compensation_target_mismatch;
pub mod incomplete_saga;
pub mod irreversible_before_pivot;
pub mod saga_without_coordinator;
pub mod step_kinds_out_of_order;
pub mod step_without_compensation;
pub mod unbound_input;
pub mod undeclared_saga;
pub mod unreachable_compensation;
pub mod unused_output;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    compensation_out_of_order::RULE,
    compensation_target_mismatch::RULE,
    incomplete_saga::RULE,
    irreversible_before_pivot::RULE,
    saga_without_coordinator::RULE,
    step_kinds_out_of_order::RULE,
    step_without_compensation::RULE,
    unbound_input::RULE,
    undeclared_saga::RULE,
    unreachable_compensation::RULE,
    unused_output::RULE,
];
