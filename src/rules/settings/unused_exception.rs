//! An exception that excepts nothing hides the next fault of its kind.

use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Spanned;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("unused-exception"),
    family: Family::Settings,
    severity: Severity::Warn,
    required: false,
    summary: "a suppression or an exception matches nothing",
    docs: include_str!("unused_exception.md"),
    check: Check::Settings,
};

pub(crate) fn of_comment(rule: &Spanned<String>) -> Finding {
    RULE.finding(
        rule.span,
        format!(
            "nothing of {} is found on the line that this comment speaks of",
            rule.value
        ),
    )
    .here("allows nothing")
    .about(rule.value.as_str())
    .help("remove the comment, or move it to the line of the finding")
}

pub(crate) fn of_name(rule: &str, name: &Spanned<String>) -> Finding {
    RULE.finding(
        name.span,
        format!("{rule} finds nothing about {}", name.value),
    )
    .here("excepts nothing")
    .about(rule)
    .about(name.value.as_str())
    .help("remove the name, or correct its spelling")
}
