//! What cannot be generated cannot be allowed.

use super::severity_of;
use crate::model::{Level, RuleSetting};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Spanned;
use crate::syntax::suggestion::{Change, Suggestion};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("required-rule-lowered"),
    family: Family::Settings,
    severity: Severity::Warn,
    required: false,
    summary: "a rule without which nothing can be generated is lowered or allowed",
    docs: include_str!("required_rule_lowered.md"),
    check: Check::Settings,
};

pub(crate) fn of(rule: &Rule, setting: &RuleSetting) -> Option<Finding> {
    let lowered = setting
        .level
        .is_some_and(|level| severity_of(level) < Some(Severity::Error))
        || !setting.allow.is_empty();
    (rule.is_fixed() && lowered).then(|| {
        finding(
            rule.id.as_str(),
            &setting.rule,
            "this setting is not heeded",
        )
    })
}

pub(crate) fn by_override(rule: &Rule, name: &Spanned<String>, level: Level) -> Option<Finding> {
    let lowered = severity_of(level) < Some(Severity::Error);
    (rule.is_fixed() && lowered)
        .then(|| finding(rule.id.as_str(), name, "this level is not heeded"))
}

pub(crate) fn by_comment(held: &Finding, name: &Spanned<String>) -> Finding {
    finding(held.rule.as_str(), name, "this comment is not heeded")
        .label(held.span(), "what it speaks of stands")
        .suggest(Suggestion::of(Change::Allowed(name.span)))
}

fn finding(id: &str, name: &Spanned<String>, label: &str) -> Finding {
    RULE.finding(
        name.span,
        format!("{id} cannot be lowered: nothing sound can be generated while it finds something"),
    )
    .here(label)
    .about(id)
    .help(format!("remove it and mend what {id} finds"))
}
