//! The way in.

pub mod dead_route;
pub mod gateway_bypass;
pub mod lost_parameter;
pub mod malformed_route;
pub mod middleware_order_or_limit_key;
pub mod public_route_to_guarded_operation;
pub mod public_service_without_route;
pub mod retry_of_unsafe_method;
pub mod route_shadowed_or_too_broad;
pub mod route_target_disagreement;
pub mod unauthenticated_route;
pub mod unchecked_scope;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    dead_route::RULE,
    gateway_bypass::RULE,
    lost_parameter::RULE,
    malformed_route::RULE,
    middleware_order_or_limit_key::RULE,
    public_route_to_guarded_operation::RULE,
    public_service_without_route::RULE,
    retry_of_unsafe_method::RULE,
    route_shadowed_or_too_broad::RULE,
    route_target_disagreement::RULE,
    unauthenticated_route::RULE,
    unchecked_scope::RULE,
];
