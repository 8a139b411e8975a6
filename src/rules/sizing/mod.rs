//! The size of services and teams.

pub mod code_size;
pub mod deployment_lockstep;
pub mod hub_service;
pub mod multiple_capabilities;
pub mod nano_service;
pub mod team_size_out_of_range;
pub mod too_many_endpoints;

use super::rule::Rule;
use crate::syntax::finding::RuleId;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    code_size::RULE,
    deployment_lockstep::RULE,
    hub_service::RULE,
    multiple_capabilities::RULE,
    nano_service::RULE,
    team_size_out_of_range::RULE,
    too_many_endpoints::RULE,
];

/// The rules that find more where the code was looked at.
pub(crate) const OBSERVING: &[RuleId] = &[code_size::RULE.id, deployment_lockstep::RULE.id];
