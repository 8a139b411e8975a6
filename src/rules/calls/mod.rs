//! Synchronous calls between services.

pub mod sync_cycle;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[sync_cycle::RULE];
