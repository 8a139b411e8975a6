//! Operations, and synchronous calls between services.

pub mod malformed_endpoint;
pub mod sync_cycle;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[malformed_endpoint::RULE, sync_cycle::RULE];
