//! An exception that excepts nothing hides the next fault of its kind.

use crate::rules::references::nearest::{nearest, slip};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Spanned;
use crate::syntax::suggestion::{Change, Suggestion};

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
    .suggest(Suggestion::of(Change::Allowed(rule.span)))
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
    .suggest(Suggestion::of(Change::Item(name.span)))
    .help("remove the name, or correct its spelling")
}

pub(crate) fn of_override(rule: &Spanned<String>) -> Finding {
    RULE.finding(
        rule.span,
        format!("nothing of {} is found where this level holds", rule.value),
    )
    .here("makes nothing less grave")
    .about(rule.value.as_str())
    .help("remove the level from the override")
}

pub(crate) fn of_files(pattern: &Spanned<String>) -> Finding {
    RULE.finding(
        pattern.span,
        format!("`{}` matches no file of this architecture", pattern.value),
    )
    .here("these levels hold nowhere")
    .help("mend the pattern, which is relative to this file, or remove it")
}

pub(crate) fn of_pattern(pattern: &Spanned<String>, why: &str) -> Finding {
    RULE.finding(
        pattern.span,
        format!("`{}` is no pattern of files: {why}", pattern.value),
    )
    .here("these levels hold nowhere")
    .help("write a path, or a pattern such as `legacy/**`")
}

pub(crate) fn of_stranger<'n>(
    name: &Spanned<String>,
    known: impl Iterator<Item = &'n str> + Clone,
) -> Finding {
    let meant = slip(name, known.clone());
    let help = match nearest(name, known) {
        Some(near) => format!("write {near}"),
        None => "remove the name, or declare the service".to_owned(),
    };
    RULE.finding(name.span, format!("no service is called {}", name.value))
        .here("these levels hold for nothing")
        .about(name.value.as_str())
        .suggest(meant.map(|meant| Suggestion::word(name, meant)))
        .help(help)
}
