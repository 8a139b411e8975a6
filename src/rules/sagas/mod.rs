//! Sagas: what they do, and the way back.

pub mod compensation_out_of_order;
pub mod saga_without_coordinator;
pub mod step_without_compensation;
pub mod unbound_input;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    compensation_out_of_order::RULE,
    saga_without_coordinator::RULE,
    step_without_compensation::RULE,
    unbound_input::RULE,
];
