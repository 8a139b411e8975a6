//! Names of things that are not there or could be two, and numbers that could mean two things.

pub mod ambiguous_duration;
pub mod duplicate_or_near_miss_name;
pub mod nearest;
pub mod unknown_reference;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    ambiguous_duration::RULE,
    duplicate_or_near_miss_name::RULE,
    unknown_reference::RULE,
];
