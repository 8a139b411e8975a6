//! Timeouts, retries, breakers, and what a service rests on.

pub mod incomplete_circuit_breaker;
pub mod missing_timeout;
pub mod retries_in_several_layers;
pub mod retry_amplification;
pub mod retry_without_backoff;
pub mod single_point_of_failure;
pub mod slo_out_of_reach;
pub mod timeout_inversion;
pub mod unprotected_hard_dependency;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    incomplete_circuit_breaker::RULE,
    missing_timeout::RULE,
    retries_in_several_layers::RULE,
    retry_amplification::RULE,
    retry_without_backoff::RULE,
    single_point_of_failure::RULE,
    slo_out_of_reach::RULE,
    timeout_inversion::RULE,
    unprotected_hard_dependency::RULE,
];
