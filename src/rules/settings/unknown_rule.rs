//! A setting or a comment that names no rule does nothing.

use crate::model::RuleSetting;
use crate::rules::references::nearest;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Spanned;
use crate::syntax::suggestion::Suggestion;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("unknown-rule"),
    family: Family::Settings,
    severity: Severity::Warn,
    required: false,
    summary: "a setting or a comment names a rule that does not exist",
    docs: include_str!("unknown_rule.md"),
    check: Check::Settings,
};

pub(crate) fn finding<'r>(
    name: &Spanned<String>,
    label: &str,
    known: impl Iterator<Item = &'r str> + Clone,
) -> Finding {
    let meant = nearest::slip(name, known.clone());
    let help = match nearest::nearest(name, known) {
        Some(near) => format!("write {near}"),
        None => "remove it; `msarch explain` lists the rules".to_owned(),
    };
    RULE.finding(name.span, format!("no rule is called {}", name.value))
        .here(label)
        .about(name.value.as_str())
        .suggest(meant.map(|meant| Suggestion::word(name, meant)))
        .help(help)
}

/// A limit that is never reached.
pub(crate) fn limit_out_of_reach(rule: &Rule, setting: &RuleSetting) -> Option<Finding> {
    let Check::Limited { limit: usual, .. } = rule.check else {
        return None;
    };
    let limit = setting.limit.filter(|limit| usual < 1.0 && *limit > 1.0)?;
    let message = format!("{} compares shares, and none is above {limit}", rule.id);
    Some(
        RULE.finding(setting.rule.span, message)
            .here("tells nothing with this limit")
            .about(rule.id.as_str())
            .help("write a share from 0 to 1, such as `limit: 0.8` for 80 %"),
    )
}

pub(crate) fn limit_without_use(rule: &Rule, setting: &RuleSetting) -> Option<Finding> {
    if setting.limit.is_none() || matches!(rule.check, Check::Limited { .. }) {
        return None;
    }
    let message = format!("{} has no limit to set", rule.id);
    Some(
        RULE.finding(setting.rule.span, message)
            .here("the limit is not read")
            .about(rule.id.as_str())
            .help("remove `limit`"),
    )
}
