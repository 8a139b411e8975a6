//! The way in.

pub mod retry_of_unsafe_method;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[retry_of_unsafe_method::RULE];
