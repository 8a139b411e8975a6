//! What is wrong with the user's file, as data. A finding knows no colours, no file names and no exit codes.

use std::fmt;

use super::source::{SourceId, Sources, Span};
use super::suggestion::{Edit, Suggestion};

/// The stable name of a rule: kebab-case, it names the wrong thing and never the cure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub &'static str);

impl RuleId {
    /// The name as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// How much a finding matters, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; never fails a run.
    Info,
    /// Should be looked at; fails a run with `--deny warnings`.
    Warn,
    /// Cannot be generated; fails a run.
    Error,
}

impl Severity {
    /// The word for it in reports and in the file's levels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place, and what it has to do with the finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What this place has to do with it; may be empty on the primary label, where the message says all.
    pub text: String,
}

/// A fault of the user's file. It has one primary place by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Finding {
    /// Which rule found it.
    pub rule: RuleId,
    /// How much it matters.
    pub severity: Severity,
    /// How much it matters by its rule alone, whatever the settings say.
    pub by_rule: Severity,
    /// A short lower-case phrase that says what is wrong.
    pub message: String,
    /// Where it is wrong.
    pub primary: Label,
    /// Further places that the reader needs to see.
    pub labels: Vec<Label>,
    /// An order that the user can follow.
    pub help: Option<String>,
    /// What could be written instead, where that needs no judgement.
    pub suggestion: Option<Suggestion>,
    /// The names of the things that it is about, as `rules: {<rule>: {allow: [...]}}` would spell them.
    pub subjects: Vec<String>,
}

impl Finding {
    /// A finding at `span`.
    pub fn new(rule: RuleId, severity: Severity, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity,
            by_rule: severity,
            message: message.into(),
            primary: Label {
                span,
                text: String::new(),
            },
            labels: Vec::new(),
            help: None,
            suggestion: None,
            subjects: Vec::new(),
        }
    }

    /// An error at `span`.
    pub fn error(rule: RuleId, span: Span, message: impl Into<String>) -> Self {
        Self::new(rule, Severity::Error, span, message)
    }

    /// Says what the primary place has to do with it.
    pub fn here(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Adds a further place.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Says what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what could be written instead, where that needs no judgement.
    pub fn suggest(mut self, suggestion: impl Into<Option<Suggestion>>) -> Self {
        self.suggestion = suggestion.into();
        self
    }

    /// The edits that mend it, where the text allows them for certain.
    #[must_use]
    pub fn edits(&self, sources: &Sources) -> Option<Vec<Edit>> {
        self.suggestion.as_ref()?.edits(sources)
    }

    /// Names a thing that it is about.
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subjects.push(subject.into());
        self
    }

    /// The same among other files: `ids` holds, for each file of the finding, where it is now.
    pub fn among(mut self, ids: &[SourceId]) -> Self {
        let places = std::iter::once(&mut self.primary).chain(&mut self.labels);
        places.for_each(|label| label.span.source = ids[label.span.source.index()]);
        self.suggestion = self.suggestion.map(|suggestion| suggestion.among(ids));
        self
    }

    /// The primary place.
    #[must_use]
    pub fn span(&self) -> Span {
        self.primary.span
    }
}

/// Brings findings into their order (file, place, rule, message) and drops those that say the same of the same place:
/// what is shared by an alias is decoded once per use.
pub fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| {
        (a.span(), a.rule, &a.message, &a.labels).cmp(&(b.span(), b.rule, &b.message, &b.labels))
    });
    findings.dedup();
}

#[cfg(test)]
mod tests {
    use super::super::source::SourceId;
    use super::*;

    #[test]
    fn findings_sort_by_place_and_lose_their_doubles() {
        let at = |start| Span::new(SourceId::default(), start, start + 1);
        let mut findings = vec![
            Finding::error(RuleId("b"), at(9), "late"),
            Finding::error(RuleId("b"), at(1), "early"),
            Finding::error(RuleId("a"), at(9), "late"),
            Finding::error(RuleId("b"), at(9), "late"),
        ];
        sort(&mut findings);
        let order: Vec<_> = findings
            .iter()
            .map(|f| (f.rule.as_str(), f.span().start))
            .collect();
        assert_eq!(order, [("b", 1), ("a", 9), ("b", 9)]);
    }
}
