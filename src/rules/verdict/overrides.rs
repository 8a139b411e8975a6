//! Levels that hold for some services or files alone.

use std::path::Path;

use glob::{MatchOptions, Pattern};

use super::levels::same;
use crate::model::{Level, LevelOverride, Model};
use crate::rules::rule::{Check, Rule};
use crate::rules::settings::{required_rule_lowered, severity_of, unknown_rule, unused_exception};
use crate::rules::{RULES, find};
use crate::syntax::finding::{Finding, Severity};
use crate::syntax::source::{SourceId, Sources, Spanned};

/// As includes are matched: `*` stays within a folder, `**` does not.
const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// The overrides of an architecture.
#[derive(Debug)]
pub(crate) struct Overrides<'m> {
    all: Vec<Override<'m>>,
}

#[derive(Debug)]
struct Override<'m> {
    given: &'m LevelOverride,
    /// The files that its patterns match; none where it has no pattern.
    files: Option<Vec<SourceId>>,
    /// Whether a file and a service are there that it could hold for; where not, that is told.
    somewhere: bool,
    levels: Vec<Set<'m>>,
}

/// The level of one rule in an override.
#[derive(Debug)]
struct Set<'m> {
    rule: &'static Rule,
    name: &'m Spanned<String>,
    level: Level,
    used: bool,
}

impl<'m> Overrides<'m> {
    /// Reads the overrides, and finds what of them makes no sense.
    pub(crate) fn of(model: &'m Model, sources: &Sources) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let mut all = Vec::new();
        for given in &model.overrides {
            let strangers = strangers(model, given);
            let known = given.services.is_empty() || strangers.len() < given.services.len();
            findings.extend(strangers);
            let files = files(given, sources, &mut findings);
            let levels = levels(given, &mut findings);
            all.push(Override {
                given,
                somewhere: known && files.as_ref().is_none_or(|files| !files.is_empty()),
                files,
                levels,
            });
        }
        (Self { all }, findings)
    }

    /// Whether some override wants to hear of a rule.
    pub(crate) fn ask_for(&self, rule: &Rule) -> bool {
        self.all
            .iter()
            .flat_map(|one| &one.levels)
            .any(|set| set.rule.id == rule.id && set.level != Level::Off)
    }

    /// The level that the last override has for a finding.
    pub(crate) fn level(&mut self, rule: &Rule, finding: &Finding) -> Option<Level> {
        for one in self.all.iter_mut().rev() {
            let set = one.levels.iter().position(|set| set.rule.id == rule.id);
            if let Some(at) = set.filter(|_| one.fits(finding)) {
                one.levels[at].used = true;
                return Some(one.levels[at].level);
            }
        }
        None
    }

    /// Levels that make something less grave and that no finding had. One that makes graver is a promise, and kept by silence.
    pub(crate) fn unused(
        &self,
        usual: impl Fn(&Rule) -> Option<Severity>,
        looked: impl Fn(&Rule) -> bool,
    ) -> Vec<Finding> {
        let sets = self
            .all
            .iter()
            .filter(|one| one.somewhere)
            .flat_map(|one| &one.levels);
        sets.filter(|set| {
            // Findings about settings come after everything else.
            !set.used
                && looked(set.rule)
                && !matches!(set.rule.check, Check::Settings)
                && severity_of(set.level) < usual(set.rule)
        })
        .map(|set| unused_exception::of_override(set.name))
        .collect()
    }
}

impl Override<'_> {
    fn fits(&self, finding: &Finding) -> bool {
        let in_file = self
            .files
            .as_ref()
            .is_none_or(|files| files.contains(&finding.span().source));
        let services = &self.given.services;
        let about = || {
            services.iter().any(|service| {
                let of = |subject: &String| is_of(subject, &service.value);
                finding.subjects.iter().any(of)
            })
        };
        in_file && (services.is_empty() || about())
    }
}

/// Whether a subject is a service, a part of it (`pay.refund`), or a call of it (`pay -> bank`).
fn is_of(subject: &str, service: &str) -> bool {
    let head = subject.split(" -> ").next().unwrap_or(subject);
    same(head, service)
        || head
            .split_once('.')
            .is_some_and(|(owner, _)| same(owner, service))
}

/// The names that are no service.
fn strangers(model: &Model, given: &LevelOverride) -> Vec<Finding> {
    let known = || model.services.iter().map(|service| service.name.as_str());
    given
        .services
        .iter()
        .filter(|name| !known().any(|service| same(service, &name.value)))
        .map(|name| unused_exception::of_stranger(name, known()))
        .collect()
}

fn files(
    given: &LevelOverride,
    sources: &Sources,
    findings: &mut Vec<Finding>,
) -> Option<Vec<SourceId>> {
    let mut matched = Vec::new();
    for pattern in &given.files {
        let before = matched.len();
        match Pattern::new(&beside(pattern, sources)) {
            Ok(glob) => matched.extend(
                sources
                    .iter()
                    .filter(|(_, file)| glob.matches_with(file.name(), OPTIONS))
                    .map(|(id, _)| id),
            ),
            Err(error) => {
                findings.push(unused_exception::of_pattern(pattern, error.msg));
                continue;
            }
        }
        if matched.len() == before {
            findings.push(unused_exception::of_files(pattern));
        }
    }
    (!given.files.is_empty()).then_some(matched)
}

/// A pattern as seen from where files are named: it is relative to the file that holds it.
fn beside(pattern: &Spanned<String>, sources: &Sources) -> String {
    let file = Path::new(sources.get(pattern.span.source).name());
    let folder = file.parent().unwrap_or(Path::new("")).to_string_lossy();
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    match &*folder {
        "" => pattern.to_owned(),
        folder => format!("{}/{pattern}", Pattern::escape(folder)),
    }
}

fn levels<'m>(given: &'m LevelOverride, findings: &mut Vec<Finding>) -> Vec<Set<'m>> {
    let mut sets = Vec::new();
    for (name, level) in &given.levels {
        let Some(rule) = find(name) else {
            let known = RULES.iter().map(|rule| rule.id.as_str());
            findings.push(unknown_rule::finding(name, "set here", known));
            continue;
        };
        findings.extend(required_rule_lowered::by_override(rule, name, *level));
        if !rule.is_fixed() {
            sets.push(Set {
                rule,
                name,
                level: *level,
                used: false,
            });
        }
    }
    sets
}
