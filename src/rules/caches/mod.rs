//! Copies that answer first, and how old they may be.

pub mod no_cross_instance_invalidation;
pub mod staleness_or_ttl_order;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    no_cross_instance_invalidation::RULE,
    staleness_or_ttl_order::RULE,
];
