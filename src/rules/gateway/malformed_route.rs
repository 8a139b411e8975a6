//! A route needs a path that can be matched, and one that it can lead to.

use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("malformed-route"),
    family: Family::Gateway,
    severity: Severity::Error,
    required: true,
    summary: "a route has a path that cannot be matched or rewritten",
    docs: include_str!("malformed_route.md"),
    check: Check::Resolution,
};
