//! The way in.

pub mod malformed_route;
pub mod retry_of_unsafe_method;
pub mod unauthenticated_route;
pub mod unchecked_scope;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    malformed_route::RULE,
    retry_of_unsafe_method::RULE,
    unauthenticated_route::RULE,
    unchecked_scope::RULE,
];
