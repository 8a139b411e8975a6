//! An operation needs a request that can be told from others, and data to work on.

use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("malformed-endpoint"),
    family: Family::Calls,
    severity: Severity::Error,
    required: true,
    summary: "an endpoint has no method, path or data to work on",
    docs: include_str!("malformed_endpoint.md"),
    check: Check::Resolution,
};
