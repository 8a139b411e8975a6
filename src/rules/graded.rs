//! Rules whose findings are graver or milder by what they found: `explain` lists every level that they tell.

use super::rule::Rule;
use crate::syntax::finding::Severity;

/// The further levels of each, beside the usual one of its rule.
const GRADED: &[(&str, Severity)] = &[
    ("bad-weights", Severity::Warn),
    ("deprecated-or-unknown-field", Severity::Info),
    ("publisher-without-outbox", Severity::Info),
    ("retry-amplification", Severity::Error),
    ("shared-database", Severity::Info),
    ("team-size-out-of-range", Severity::Info),
];

/// The levels that findings of a rule have where the file does not say otherwise, the usual one first.
#[must_use]
pub fn levels(rule: &Rule) -> Vec<Severity> {
    let further = GRADED.iter().filter(|(id, _)| *id == rule.id.as_str());
    std::iter::once(rule.severity)
        .chain(further.map(|(_, level)| *level))
        .collect()
}
