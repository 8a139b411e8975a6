//! An upcast makes a version out of the one before.

use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("malformed-upcast"),
    family: Family::Events,
    severity: Severity::Error,
    required: true,
    summary: "an upcast has no version to start from",
    docs: include_str!("malformed_upcast.md"),
    check: Check::Resolution,
};
