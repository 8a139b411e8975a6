//! Some fields are kept for every record.

use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("reserved-field"),
    family: Family::Names,
    severity: Severity::Error,
    required: true,
    summary: "an entity declares a field that every record has of its own",
    docs: include_str!("reserved_field.md"),
    check: Check::Resolution,
};
