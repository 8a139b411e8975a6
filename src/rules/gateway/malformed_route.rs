//! A route needs a path that can be matched.

use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("malformed-route"),
    family: Family::Gateway,
    severity: Severity::Error,
    required: true,
    summary: "a route has a path that cannot be matched",
    docs: include_str!("malformed_route.md"),
    check: Check::Resolution,
};
