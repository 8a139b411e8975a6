//! Who has to work with whom.

pub mod cross_team_coupling;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[cross_team_coupling::RULE];
