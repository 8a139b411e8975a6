//! Names of things that are not there.

pub mod nearest;
pub mod unknown_reference;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[unknown_reference::RULE];
