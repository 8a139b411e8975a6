//! Timeouts.

pub mod missing_timeout;
pub mod timeout_inversion;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[missing_timeout::RULE, timeout_inversion::RULE];
