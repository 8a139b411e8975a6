//! Operations, and synchronous calls between services.

pub mod chatty_pair;
pub mod fan_out;
pub mod hard_coded_endpoint;
pub mod malformed_endpoint;
pub mod mixed_cycle;
pub mod state_changing_get;
pub mod sync_chain_too_long;
pub mod sync_cycle;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    chatty_pair::RULE,
    fan_out::RULE,
    hard_coded_endpoint::RULE,
    malformed_endpoint::RULE,
    mixed_cycle::RULE,
    state_changing_get::RULE,
    sync_chain_too_long::RULE,
    sync_cycle::RULE,
];
