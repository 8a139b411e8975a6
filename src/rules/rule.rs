//! What a rule is: plain data and a pure function. It knows no configuration, reads nothing and prints nothing.

use std::fmt;

use crate::graph::Graph;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// A rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its public name: it names the wrong thing, never the cure.
    pub id: RuleId,
    /// What it is about.
    pub family: Family,
    /// How grave its findings are as a rule, where the file does not say otherwise: one may be only worth knowing, or graver.
    pub severity: Severity,
    /// Whether nothing sound can be generated while an error of it stands: no setting lowers it, no comment suppresses it.
    pub required: bool,
    /// One sentence for lists and reports.
    pub summary: &'static str,
    /// Its page.
    pub docs: &'static str,
    /// How it looks.
    pub check: Check,
}

/// How a rule comes to its findings.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// The reader finds them.
    Reading,
    /// They were met while names and values were resolved.
    Resolution,
    /// By looking at what follows from the architecture.
    Graph(fn(&Graph<'_>) -> Vec<Finding>),
    /// The same, against a limit that the file may set.
    Limited {
        /// The limit where the file does not set one.
        limit: f64,
        /// The look.
        check: fn(&Graph<'_>, f64) -> Vec<Finding>,
    },
    /// By looking at settings and suppressions, once everything else is known.
    Settings,
}

impl Rule {
    /// A finding of this rule.
    pub fn finding(&self, span: Span, message: impl Into<String>) -> Finding {
        Finding::new(self.id, self.severity, span, message)
    }

    /// Whether its findings are errors whatever the file says.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.required && self.severity == Severity::Error
    }

    /// A finding of this rule that is only worth knowing.
    pub fn advice(&self, span: Span, message: impl Into<String>) -> Finding {
        Finding::new(self.id, Severity::Info, span, message)
    }
}

/// What a rule is about; also its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// The text of the file.
    Format,
    /// Names and what is made of them.
    Names,
    /// Values, their types and where they come from.
    Values,
    /// Names of things that are not there, or that could be two.
    References,
    /// Who owns what.
    Ownership,
    /// Stores and tables.
    Data,
    /// Synchronous calls.
    Calls,
    /// Events.
    Events,
    /// Event-sourced aggregates.
    Aggregates,
    /// Sagas.
    Sagas,
    /// The gateway.
    Gateway,
    /// The service mesh.
    Mesh,
    /// Timeouts, retries, breakers.
    Resilience,
    /// Caches.
    Caches,
    /// Traces, metrics, logs, health.
    Observability,
    /// Secrets, tokens, encryption.
    Security,
    /// The size of services and teams.
    Sizing,
    /// Who works with whom.
    Teams,
    /// The settings of rules themselves.
    Settings,
}

impl Family {
    /// All families, in the order in which an architecture is read.
    pub const ALL: &[Self] = &[
        Self::Format,
        Self::Names,
        Self::Values,
        Self::References,
        Self::Ownership,
        Self::Data,
        Self::Calls,
        Self::Events,
        Self::Aggregates,
        Self::Sagas,
        Self::Gateway,
        Self::Mesh,
        Self::Resilience,
        Self::Caches,
        Self::Observability,
        Self::Security,
        Self::Sizing,
        Self::Teams,
        Self::Settings,
    ];

    /// Its name in lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Names => "names",
            Self::Values => "values",
            Self::References => "references",
            Self::Ownership => "ownership",
            Self::Data => "data",
            Self::Calls => "calls",
            Self::Events => "events",
            Self::Aggregates => "aggregates",
            Self::Sagas => "sagas",
            Self::Gateway => "gateway",
            Self::Mesh => "mesh",
            Self::Resilience => "resilience",
            Self::Caches => "caches",
            Self::Observability => "observability",
            Self::Security => "security",
            Self::Sizing => "sizing",
            Self::Teams => "teams",
            Self::Settings => "settings",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
