//! Findings turned outward, for people and for machines. A report is given plain data and a place to write to; it knows
//! neither the rules nor the terminal, and an output that was closed is an `io::Error` like any other.

pub mod baseline;
mod fingerprints;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod lines;
mod place;
mod sarif;

use std::io::{self, Write};

pub use human::{Look, printable};
pub use json::{
    JsonEdit, JsonFinding, JsonLabel, JsonLocation, JsonReport, JsonSuggestion, JsonSummary,
    JsonTool,
};

use crate::syntax::finding::{self, Finding, Severity};
use crate::syntax::source::Sources;

/// What a report says of a rule besides its findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleInfo<'a> {
    /// Its id.
    pub id: &'a str,
    /// One sentence.
    pub summary: &'a str,
    /// Its page, in Markdown; empty where there is none.
    pub page: &'a str,
}

/// How long it may be what says why a rule is one, in bytes: two or three lines on a terminal. Its first sentence is told whatever its length.
const LINE: usize = 230;

impl<'a> RuleInfo<'a> {
    /// Why it matters, in short: the sentences with which *Why* begins on its page.
    fn why(&self) -> Option<&'a str> {
        let (_, below) = self.page.split_once("\n## Why\n")?;
        let paragraph = below.lines().next()?;
        let ends = paragraph.match_indices(". ").map(|(at, _)| at + 1);
        let ends = ends.chain([paragraph.len()]);
        let (mut fitting, mut rest) = (0, ends);
        while let Some(end) = rest.next().filter(|end| fitting == 0 || *end <= LINE) {
            fitting = end;
        }
        Some(&paragraph[..fitting]).filter(|line| !line.is_empty())
    }
}

/// What to report.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    sources: &'a Sources,
    findings: Vec<Finding>,
    counts: Counts,
    known: usize,
    rules: Vec<RuleInfo<'a>>,
}

/// A way to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, with the lines of the file.
    Human(Look),
    /// Our own JSON, see [`JsonReport`].
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// Code Quality of GitLab.
    Gitlab,
    /// JUnit XML.
    Junit,
}

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Remarks.
    pub infos: usize,
}

impl Counts {
    fn of(findings: &[Finding]) -> Self {
        let of = |severity| {
            findings
                .iter()
                .filter(|finding| finding.severity == severity)
                .count()
        };
        Self {
            errors: of(Severity::Error),
            warnings: of(Severity::Warn),
            infos: of(Severity::Info),
        }
    }

    /// How many there are in all.
    #[must_use]
    pub fn all(self) -> usize {
        self.errors + self.warnings + self.infos
    }
}

impl<'a> Report<'a> {
    /// Brings the findings into their order. `rules` may hold more than the findings name, and less.
    #[must_use]
    pub fn new(sources: &'a Sources, mut findings: Vec<Finding>, rules: Vec<RuleInfo<'a>>) -> Self {
        finding::sort(&mut findings);
        let mut rules = rules;
        rules.sort_by_key(|rule| rule.id);
        rules.dedup_by_key(|rule| rule.id);
        Self {
            sources,
            counts: Counts::of(&findings),
            known: 0,
            findings,
            rules,
        }
    }

    /// Shows so many of the findings, the gravest; all of them are counted.
    #[must_use]
    pub fn at_most(mut self, most: usize) -> Self {
        self.findings
            .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        self.findings.truncate(most);
        finding::sort(&mut self.findings);
        self
    }

    /// Says how many more a baseline knows.
    #[must_use]
    pub fn beside_known(mut self, known: usize) -> Self {
        self.known = known;
        self
    }

    /// The findings that are shown, in their order.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Why what was found matters, where that is known.
    fn why(&self, finding: &Finding) -> Option<&'a str> {
        let id = finding.rule.as_str();
        let at = self.rules.binary_search_by_key(&id, |rule| rule.id).ok()?;
        self.rules[at].why()
    }

    /// How many there are, shown or not.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How many are not shown.
    #[must_use]
    pub fn hidden(&self) -> usize {
        self.counts.all() - self.findings.len()
    }

    /// Writes the report.
    ///
    /// # Errors
    /// When `out` cannot be written to. A closed pipe is [`io::ErrorKind::BrokenPipe`]; who calls decides that it is no
    /// failure.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Human(look) => human::write(self, look, out),
            Format::Json => json::write(self, out),
            Format::Sarif => sarif::write(self, out),
            Format::Github => github::write(self, out),
            Format::Gitlab => gitlab::write(self, out),
            Format::Junit => junit::write(self, out),
        }
    }
}

#[cfg(test)]
mod tests;
