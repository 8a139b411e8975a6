//! Values, their types and where they come from. They are met while the file's meaning is worked out; their pages stand here.

pub mod malformed_metric;

use super::rule::{Check, Family, Rule};
use crate::syntax::finding::{RuleId, Severity};

/// The rules of this family.
pub const RULES: &[Rule] = &[
    rule(
        "broken-expression",
        "a reference or a computed value cannot be read",
        include_str!("broken_expression.md"),
    ),
    rule(
        "endless-type",
        "a type contains itself",
        include_str!("endless_type.md"),
    ),
    rule(
        "malformed-effect",
        "an effect does not say what it does",
        include_str!("malformed_effect.md"),
    ),
    malformed_metric::RULE,
    rule(
        "type-mismatch",
        "a value has another type than its place",
        include_str!("type_mismatch.md"),
    ),
    rule(
        "undeclared-field",
        "a value is given to a field that is not declared",
        include_str!("undeclared_field.md"),
    ),
    rule(
        "unknown-value",
        "a reference leads to nothing that is there",
        include_str!("unknown_value.md"),
    ),
    rule(
        "value-without-source",
        "nothing gives a value to a field that needs one",
        include_str!("value_without_source.md"),
    ),
];

const fn rule(id: &'static str, summary: &'static str, docs: &'static str) -> Rule {
    Rule {
        id: RuleId(id),
        family: Family::Values,
        severity: Severity::Error,
        required: true,
        summary,
        docs,
        check: Check::Resolution,
    }
}
