//! Two names that look like one are taken for one, sooner or later.

use crate::graph::Graph;
use crate::graph::spellings::Alike;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("duplicate-or-near-miss-name"),
    family: Family::References,
    severity: Severity::Warn,
    required: false,
    summary: "two names differ by a plural, a dash or an ending alone",
    docs: include_str!("duplicate_or_near_miss_name.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    graph.alike.iter().map(finding).collect()
}

fn finding(alike: &Alike) -> Finding {
    let Alike {
        what, first, then, ..
    } = alike;
    let message = if alike.declared {
        format!("{what} \"{first}\" and \"{then}\" look like one")
    } else {
        format!("one {what} is written in two ways: \"{first}\" and \"{then}\"")
    };
    let help = if alike.declared {
        "if they are one thing, remove one of them; if not, give one a name that tells them apart"
            .to_owned()
    } else {
        format!("write \"{first}\" in both places, or two names that tell them apart")
    };
    RULE.finding(then.span, message)
        .here("reads like the other")
        .label(first.span, "first here")
        .about(then.as_str())
        .about(first.as_str())
        .help(help)
}
