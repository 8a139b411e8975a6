//! `msarch validate`: every finding in one run; the exit code is the verdict.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::architecture::Architecture;
use super::terminal::{ColorChoice, look};
use super::{Error, Outcome, explain, is_closed, observe, older};
use crate::graph::observations::Observations;
use crate::report::{Format, Report, RuleInfo};
use crate::rules::{Deny, RULES};
use crate::syntax::finding::{Finding, Severity};

/// Tell everything that is wrong with an architecture
///
/// Every rule looks at every part in one run. Findings name the place in the file, the reason, and what to do.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The file, a folder that holds an architecture.yaml, or - for standard input
    #[arg(default_value = ".", value_name = "FILE|DIR")]
    path: String,
    /// How to report
    #[arg(long, value_enum, default_value_t = Shape::Human)]
    format: Shape,
    /// Make findings errors: `warnings`, `info` (these and warnings), or the id of a rule
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    deny: Vec<String>,
    /// Count the code of an existing workspace too (for code-size and deployment-lockstep)
    #[arg(long, value_name = "DIR")]
    workspace: Option<PathBuf>,
    /// Hold events against an older version: a file, git:REF or git:REF:FILE. Once for each version; the last is what was before
    #[arg(long, value_name = "VERSION")]
    against: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  msarch validate
  msarch validate shop.yaml
  msarch validate --deny warnings --format github     in a workflow: findings on the changed lines
  msarch validate --format sarif > msarch.sarif       for code scanning
  msarch validate --format json | jq '.findings[] | .rule'
  msarch validate --against git:origin/main           changes of events that consumers cannot read
  msarch validate --workspace .                       with the lines of code of each service

In the file, `rules:` sets levels, limits and exceptions; a comment `# msarch: allow(rule) reason`
allows a finding on its line or the next. `msarch explain RULE` tells more of a rule.

Exit codes: 0 no error, 1 errors, 2 could not work.";

/// A form of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// For people, with the lines of the file
    Human,
    /// Version 1 of our own JSON
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// Code Quality of GitLab
    Gitlab,
    /// JUnit XML
    Junit,
}

impl Arguments {
    pub(super) fn run(&self, color: ColorChoice, out: &mut dyn Write) -> Result<Outcome, Error> {
        let deny = Deny::parse(self.deny.iter().map(String::as_str)).map_err(explain::unknown)?;
        let architecture = Architecture::read(&self.path)?;
        let observations = self
            .workspace
            .as_deref()
            .map_or_else(|| Ok(Observations::default()), observe::workspace)?;
        let older = older::all(&self.against, &self.path)?;
        let findings = architecture
            .judge_against(&older, observations, &deny)
            .findings;
        tell(&architecture, findings, self.shape(color), out)
    }

    fn shape(&self, color: ColorChoice) -> Format {
        match self.format {
            Shape::Human => Format::Human(look(color)),
            Shape::Json => Format::Json,
            Shape::Sarif => Format::Sarif,
            Shape::Github => Format::Github,
            Shape::Gitlab => Format::Gitlab,
            Shape::Junit => Format::Junit,
        }
    }
}

/// Reports findings, and says what they come to.
pub(super) fn tell(
    architecture: &Architecture,
    findings: Vec<Finding>,
    format: Format,
    out: &mut dyn Write,
) -> Result<Outcome, Error> {
    let outcome = outcome(&findings);
    let report = Report::new(&architecture.sources, findings, rules());
    match report.write(format, out) {
        Err(error) if !is_closed(&error) => Err(Error::Output(error)),
        _ => Ok(outcome),
    }
}

fn outcome(findings: &[Finding]) -> Outcome {
    let failed = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    if failed {
        Outcome::Findings
    } else {
        Outcome::Clean
    }
}

/// What reports say of the rules.
fn rules() -> Vec<RuleInfo<'static>> {
    RULES
        .iter()
        .map(|rule| RuleInfo {
            id: rule.id.as_str(),
            summary: rule.summary,
            page: rule.docs,
        })
        .collect()
}
