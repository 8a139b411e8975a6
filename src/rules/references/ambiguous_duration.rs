//! A number without a unit is seconds to one reader and milliseconds to the next.

use std::time::Duration;

use crate::graph::Graph;
use crate::model::platform::BareDuration;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::suggestion::{Change, Suggestion};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("ambiguous-duration"),
    family: Family::References,
    severity: Severity::Info,
    required: false,
    summary: "a duration is a number without a unit",
    docs: include_str!("ambiguous_duration.md"),
    check: Check::Graph(check),
};

/// Further places that are shown.
const SHOWN: usize = 4;

/// One finding for each unit that is meant: the habit is one, however often it is followed.
fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let (seconds, millis): (Vec<&BareDuration>, Vec<&BareDuration>) = graph
        .model
        .bare_durations
        .iter()
        .partition(|bare| bare.seconds);
    [(&millis, &seconds), (&seconds, &millis)]
        .into_iter()
        .filter_map(|(bare, others)| finding(bare, others.first().copied()))
        .collect()
}

fn finding(bare: &[&BareDuration], other: Option<&BareDuration>) -> Option<Finding> {
    let (first, more) = bare.split_first()?;
    let written = format!("{}: {}", first.key, first.number);
    let rest = match more.len() {
        0 => String::new(),
        1 => ", as is 1 other duration".to_owned(),
        more => format!(", as are {more} other durations"),
    };
    let message = format!(
        "`{written}` has no unit and is read as {}{rest}",
        unit(first)
    );
    let units = bare.iter().map(|bare| Change::Word {
        span: bare.span,
        was: bare.number.to_string(),
        now: meant(bare),
    });
    let mut finding = RULE
        .finding(first.span, message)
        .suggest(Suggestion {
            changes: units.collect(),
        })
        .here(format!("{} to us", meant(first)));
    for bare in more.iter().take(SHOWN) {
        finding = finding.label(bare.span, format!("{} to us", meant(bare)));
    }
    if let Some(other) = other {
        finding = finding.label(
            other.span,
            format!("and `{}` is in {}", other.key, unit(other)),
        );
    }
    Some(finding.about(first.key).help(format!(
        "write the unit: `{}: {}`",
        first.key,
        meant(first)
    )))
}

fn unit(bare: &BareDuration) -> &'static str {
    if bare.seconds {
        "seconds"
    } else {
        "milliseconds"
    }
}

fn meant(bare: &BareDuration) -> String {
    words::duration(if bare.seconds {
        Duration::from_secs(bare.number)
    } else {
        Duration::from_millis(bare.number)
    })
}
