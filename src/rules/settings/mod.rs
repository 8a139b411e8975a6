//! What the file and its comments say of rules, and what is wrong with that.

pub mod required_rule_lowered;
pub mod unknown_rule;
pub mod unused_exception;

use super::rule::Rule;
use crate::model::Level;
use crate::syntax::finding::Severity;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    required_rule_lowered::RULE,
    unknown_rule::RULE,
    unused_exception::RULE,
];

/// The severity of a level; none where it is off.
pub(crate) fn severity_of(level: Level) -> Option<Severity> {
    match level {
        Level::Off => None,
        Level::Info => Some(Severity::Info),
        Level::Warn => Some(Severity::Warn),
        Level::Error => Some(Severity::Error),
    }
}
