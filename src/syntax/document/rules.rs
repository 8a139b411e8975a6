//! Settings of rules.

use super::NameOr;
use crate::syntax::decode::{OneOrMany, choice, record};
use crate::syntax::source::Spanned;

/// A level, or a level with thresholds and exceptions.
pub type RuleSetting = NameOr<RuleRecord>;

choice! {
    /// How grave findings of a rule are.
    pub enum LevelWord {
        /// Not reported.
        Off = "off",
        /// Worth knowing.
        Info = "info",
        /// Probably wrong.
        Warn = "warn" | "warning",
        /// Wrong: nothing is generated.
        Error = "error",
    }
}

record! {
    /// How a rule is applied here.
    pub struct RuleRecord {
        /// off, info, warn or error.
        level: Option<LevelWord>,
        /// The rule's threshold, where it has one.
        limit: Option<f64>,
        /// Subjects that it leaves alone: names of services, events, sagas, ...
        allow: OneOrMany<Spanned<String>>,
        /// Why.
        reason: Option<String>,
    }
}
