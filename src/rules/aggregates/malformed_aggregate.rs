//! An aggregate without fields to show its state in has no state that anybody can ask for.

use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("malformed-aggregate"),
    family: Family::Aggregates,
    severity: Severity::Error,
    required: true,
    summary: "an aggregate has nowhere to show its state",
    docs: include_str!("malformed_aggregate.md"),
    check: Check::Resolution,
};
