//! `msarch validate`: every finding in one run; the exit code is the verdict.

mod baseline;
mod fix;
mod judged;
mod only;
mod watch;

use std::io::{self, Write};
use std::mem;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub use self::baseline::BaselineFault;
pub use self::fix::FixFault;
use self::judged::{Judged, Request};
use self::only::Only;
use super::architecture::Architecture;
use super::terminal::{ColorChoice, look};
use super::{Error, Outcome, explain, is_closed, observe, older};
use crate::graph::evolution::Older;
use crate::graph::observations::Observations;
use crate::report::{Format, Report, RuleInfo};
use crate::rules::{Deny, RULES};
use crate::syntax::finding::{Finding, Severity};
use crate::syntax::include::{Disk as RealFiles, STDIN};
use crate::write::Disk;

/// Tell everything that is wrong with an architecture
///
/// Every rule looks at every part in one run. Findings name the place in the file, the reason, and what to do.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Files, folders that hold an architecture.yaml, or - for standard input; each is an architecture of its own
    #[arg(default_value = ".", value_name = "FILE|DIR")]
    paths: Vec<String>,
    /// How to report
    #[arg(long, value_enum, default_value_t = Shape::Human)]
    format: Shape,
    /// Make findings errors: `warnings`, `info` (these and warnings), or the id of a rule
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    deny: Vec<String>,
    /// Report some rules alone: ids of rules, or names of families as `msarch explain` lists them
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    only: Vec<String>,
    /// Show the gravest N findings; all are counted, and make the exit code
    #[arg(long, value_name = "N")]
    max_findings: Option<usize>,
    /// The file that standard input stands for: its name in reports, and where its includes are looked for
    #[arg(long, value_name = "FILE", default_value = STDIN, hide_default_value = true)]
    stdin_filename: String,
    /// Do not report what this baseline knows
    #[arg(long, value_name = "FILE", conflicts_with = "write_baseline")]
    baseline: Option<PathBuf>,
    /// Write down what is found as known; of a baseline that exists, take out what is found no more
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// Let --write-baseline take new findings into a baseline that exists
    #[arg(long, requires = "write_baseline")]
    grow_baseline: bool,
    /// Write what needs no judgement into the files: names that are slips, units, exceptions that nothing needs; report what remains
    #[arg(long, conflicts_with = "write_baseline")]
    fix: bool,
    /// With --fix, show what would be written, and write nothing
    #[arg(long, requires = "fix")]
    diff: bool,
    /// Validate again whenever a file changes, until Ctrl-C
    #[arg(long, conflicts_with_all = ["fix", "write_baseline"])]
    watch: bool,
    /// Count the code of an existing workspace too (for code-size and deployment-lockstep)
    #[arg(long, value_name = "DIR")]
    workspace: Option<PathBuf>,
    /// Hold events against an older version: a file, git:REF or git:REF:FILE. Once for each version, the oldest first: the last
    /// is what was before, and says who takes what; transitive modes of compatibility look at the schemas of all
    #[arg(long, value_name = "VERSION")]
    against: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  msarch validate
  msarch validate shop.yaml billing/                  two architectures, one report
  msarch validate --only sync-cycle,events            a rule, and a family of rules
  msarch validate --deny warnings --format github     in a workflow: findings on the changed lines
  msarch validate --format sarif > msarch.sarif       for code scanning
  msarch validate --format json | jq '.findings[] | .rule'
  msarch validate --against git:origin/main           changes of events that consumers cannot read
  msarch validate --workspace .                       with the lines of code of each service
  msarch validate --write-baseline baseline.json      an old system: what is wrong today is known
  msarch validate --baseline baseline.json            and only what is new is reported
  msarch validate --watch                             again whenever a file changes
  msarch validate --fix --diff                        what could be mended without a thought
  git show HEAD:shop.yaml | msarch validate - --stdin-filename shop.yaml

In the file, `rules:` sets levels, limits and exceptions, and `overrides` levels for some services or files; a comment `# msarch: allow(rule) reason`
allows a finding on its line or the next. `msarch explain RULE` tells more of a rule.

Exit codes: 0 no error, 1 errors, or something to write with --fix --diff, 2 could not work, or a baseline that would grow.";

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
    pub(super) fn run(
        &self,
        color: ColorChoice,
        disk: &dyn Disk,
        out: &mut dyn Write,
    ) -> Result<Outcome, Error> {
        let request = self.request()?;
        self.need_files()?;
        if self.watch {
            return self.watch(&request, color, disk, out);
        }
        if self.fix {
            return self.mend(&request, color, disk, out);
        }
        let mut judged = request.judge(&RealFiles);
        // The process ends soon: the system takes back as a whole what would be given back piece by piece.
        mem::forget(mem::take(&mut judged.models));
        let known = self.sift(&request, &mut judged, disk)?;
        self.report(judged, known, color, out)
    }

    /// Validates again and again.
    fn watch(
        &self,
        request: &Request<'_>,
        color: ColorChoice,
        disk: &dyn Disk,
        out: &mut dyn Write,
    ) -> Result<Outcome, Error> {
        let look = || {
            let mut judged = request.judge(&RealFiles);
            let known = self.sift(request, &mut judged, disk)?;
            let files = judged
                .sources
                .iter()
                .map(|(_, file)| file.name().to_owned());
            let files = files.collect();
            let mut report = Vec::new();
            let outcome = self.report(judged, known, color, &mut report)?;
            Ok(watch::Look {
                report,
                outcome,
                files,
            })
        };
        watch::watch(&self.paths, look, out)
    }

    /// Takes suggestions, and reports what remains.
    fn mend(
        &self,
        request: &Request<'_>,
        color: ColorChoice,
        disk: &dyn Disk,
        out: &mut dyn Write,
    ) -> Result<Outcome, Error> {
        let mut fixed = fix::fix(request, |judged| self.sift(request, judged, disk))?;
        if self.diff {
            write!(out, "{}", fixed.diff()).map_err(Error::Output)?;
        } else {
            fixed.write(disk)?;
        }
        let would = if self.diff { "would fix" } else { "fixed" };
        let (findings, files) = (fixed.count, fixed.files());
        let plural = |count| if count == 1 { "" } else { "s" };
        let told = format!(
            "{would} {findings} finding{} in {files} file{}",
            plural(findings),
            plural(files)
        );
        writeln!(io::stderr(), "{told}").map_err(Error::Output)?;
        if self.diff {
            let failed = told_unread(&mut fixed.judged)?;
            let remains = outcome(&fixed.judged.findings);
            let differs = if findings > 0 {
                Outcome::Findings
            } else {
                remains
            };
            return Ok(differs.unless(failed));
        }
        self.report(fixed.judged, fixed.known, color, out)
    }

    /// Leaves out what the baseline knows, and says how many they are.
    fn sift(
        &self,
        request: &Request<'_>,
        judged: &mut Judged,
        disk: &dyn Disk,
    ) -> Result<usize, Error> {
        if let Some(path) = &self.baseline {
            return baseline::apply(path, judged, &request.only);
        }
        match &self.write_baseline {
            Some(path) => baseline::write(path, self.grow_baseline, judged, &request.only, disk),
            None => Ok(0),
        }
    }

    /// Refuses standard input where only a file will do.
    fn need_files(&self) -> Result<(), Error> {
        let given = self.paths.iter().any(|path| path == "-");
        let asked = [(self.fix, "--fix"), (self.watch, "--watch")];
        match asked.into_iter().find(|(set, _)| *set && given) {
            Some((_, option)) => Err(Error::NoFile(option)),
            None => Ok(()),
        }
    }

    /// Reads the older versions of each architecture.
    fn older(&self) -> Result<Vec<Vec<Older>>, Error> {
        let several = self.paths.len() > 1;
        if let Some(version) = self
            .against
            .iter()
            .find(|word| several && older::names_a_file(word))
        {
            return Err(Error::OneOlderFile(version.clone()));
        }
        let file = |path: &'_ String| match path.as_str() {
            "-" if self.stdin_filename != STDIN => self.stdin_filename.clone(),
            path => path.to_owned(),
        };
        self.paths
            .iter()
            .map(|path| older::all(&self.against, &file(path)))
            .collect()
    }

    fn request(&self) -> Result<Request<'_>, Error> {
        Ok(Request {
            paths: &self.paths,
            input: &self.stdin_filename,
            older: self.older()?,
            deny: Deny::parse(self.deny.iter().map(String::as_str)).map_err(explain::unknown)?,
            only: Only::parse(&self.only)?,
            observations: self
                .workspace
                .as_deref()
                .map_or_else(|| Ok(Observations::default()), observe::workspace)?,
        })
    }

    /// Reports what was judged, and says what it comes to.
    fn report(
        &self,
        mut judged: Judged,
        known: usize,
        color: ColorChoice,
        out: &mut dyn Write,
    ) -> Result<Outcome, Error> {
        let failed = told_unread(&mut judged)?;
        let outcome = outcome(&judged.findings).unless(failed);
        let mut report = Report::new(&judged.sources, judged.findings, rules()).beside_known(known);
        if let Some(most) = self.max_findings {
            report = report.at_most(most);
        }
        written(&report, self.shape(color), out)?;
        Ok(outcome)
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

/// Tells which architectures could not be read, and whether there are any. Where that are all, nothing is reported.
fn told_unread(judged: &mut Judged) -> Result<bool, Error> {
    let mut unread = mem::take(&mut judged.unread);
    let last = unread.pop();
    let mut stderr = io::stderr().lock();
    for error in unread {
        Error::from(error)
            .tell(&mut stderr)
            .map_err(Error::Output)?;
    }
    match last {
        None => Ok(false),
        Some(error) if judged.mains.is_empty() => Err(error.into()),
        Some(error) => {
            Error::from(error)
                .tell(&mut stderr)
                .map_err(Error::Output)?;
            Ok(true)
        }
    }
}

/// Reports the findings of one architecture, and says what they come to.
pub(super) fn tell(
    architecture: &Architecture,
    findings: Vec<Finding>,
    format: Format,
    out: &mut dyn Write,
) -> Result<Outcome, Error> {
    let outcome = outcome(&findings);
    let report = Report::new(&architecture.sources, findings, rules());
    written(&report, format, out)?;
    Ok(outcome)
}

/// Writes a report; a reader that has seen enough is no failure.
fn written(report: &Report<'_>, format: Format, out: &mut dyn Write) -> Result<(), Error> {
    match report.write(format, out) {
        Err(error) if !is_closed(&error) => Err(Error::Output(error)),
        _ => Ok(()),
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
