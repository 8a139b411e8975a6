//! What is seen of the running system.

pub mod context_not_propagated;
pub mod high_cardinality_label;
pub mod histogram_below_timeout;
pub mod telemetry_or_health_missing;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    context_not_propagated::RULE,
    high_cardinality_label::RULE,
    histogram_below_timeout::RULE,
    telemetry_or_health_missing::RULE,
];
