//! From what the rules find to what the user is told: levels, exceptions, suppressions, order; and the proof that nothing stands in the way.

mod levels;
mod overrides;
mod suppressions;

use std::collections::{BTreeMap, BTreeSet};

use levels::Levels;
use suppressions::Suppressions;

use super::rule::{Check, Rule};
use super::settings::unused_exception;
use super::{RULES, events, find, graded, sizing};
use crate::graph::Graph;
use crate::graph::observations::Observations;
use crate::model::Model;
use crate::syntax::finding::{self, Finding, RuleId, Severity};
use crate::syntax::source::{Sources, Span};
use crate::syntax::suppression::Suppression;

/// What a check needs besides the architecture.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The files.
    pub sources: &'a Sources,
    /// The suppressions in their comments.
    pub suppressions: &'a [Suppression],
    /// What is made graver.
    pub deny: &'a Deny,
}

/// What is made graver for this run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deny {
    /// The least severity that becomes an error.
    pub from: Option<Severity>,
    /// Rules whose findings become errors.
    pub rules: Vec<&'static str>,
}

impl Deny {
    /// Reads `warnings`, `info` or rule ids.
    ///
    /// # Errors
    /// The word that is neither.
    pub fn parse<'w>(words: impl IntoIterator<Item = &'w str>) -> Result<Self, &'w str> {
        let mut deny = Self::default();
        for word in words {
            match word {
                "warnings" | "warn" => {
                    deny.from = Some(
                        deny.from
                            .map_or(Severity::Warn, |from| from.min(Severity::Warn)),
                    )
                }
                "info" => deny.from = Some(Severity::Info),
                id => deny.rules.push(find(id).ok_or(word)?.id.as_str()),
            }
        }
        Ok(deny)
    }

    /// Makes graver what it names.
    pub fn apply(&self, finding: &mut Finding) {
        if self.from.is_some_and(|from| finding.severity >= from)
            || self.rules.contains(&finding.rule.as_str())
        {
            finding.severity = Severity::Error;
        }
    }
}

/// What came of a check.
#[derive(Debug)]
pub struct Verdict<'m> {
    /// What is wrong, in order.
    pub findings: Vec<Finding>,
    /// How many findings comments and exceptions have silenced.
    pub silenced: usize,
    /// The architecture, where nothing of level error stands in the way.
    pub checked: Option<Checked<'m>>,
}

/// An architecture without an error: the only way to a plan.
#[derive(Debug)]
pub struct Checked<'m> {
    graph: Graph<'m>,
}

impl<'m> Checked<'m> {
    /// What follows from the architecture.
    #[must_use]
    pub fn graph(&self) -> &Graph<'m> {
        &self.graph
    }

    /// The architecture.
    #[must_use]
    pub fn model(&self) -> &'m Model {
        self.graph.model
    }
}

/// Applies every rule. `read` is what reading the files found already.
#[must_use]
pub fn check<'m>(graph: Graph<'m>, read: Vec<Finding>, context: Context<'_>) -> Verdict<'m> {
    let (mut levels, mut findings) = Levels::of(graph.model, context.sources);
    let mut suppressions = Suppressions::of(context.suppressions, context.sources);
    let told: BTreeSet<Span> = read.iter().map(Finding::span).collect();
    // What the reader has told of a place is not told again by a rule, nor what may follow from that alone.
    let certain = |finding: &Finding| {
        let mut places = std::iter::once(&finding.primary).chain(&finding.labels);
        !places.any(|label| context.sources.is_torn(label.span))
    };
    let seen = look(&graph, &levels)
        .into_iter()
        .filter(|finding| !told.contains(&finding.span()) && certain(finding));
    let found = read.into_iter().chain(seen);
    let mut silenced = 0;
    for mut finding in found {
        debug_assert!(
            find(finding.rule.as_str())
                .is_none_or(|rule| graded::levels(rule).contains(&finding.severity)),
            "the level of {finding:?} is not among those of its rule"
        );
        finding.by_rule = finding.severity;
        if levels.settle(&mut finding) && suppressions.lets_stand(&finding) {
            findings.push(finding);
        } else {
            silenced += 1;
        }
    }
    // Where a rule did not look, nothing says that its exceptions are not needed.
    let compared = !graph.evolution.since.is_empty();
    let looked =
        |rule: &Rule| levels.is_on(rule) && (compared || !events::COMPARING.contains(&rule.id));
    let mut unused = suppressions.unused(looked);
    unused.extend(levels.unused(looked));
    // What an exception is for may be hidden by an error until that is mended.
    if !is_sound(&findings) {
        unused.retain(|finding| finding.rule != unused_exception::RULE.id);
    }
    if graph.observations == Observations::default() {
        unused.iter_mut().for_each(leave_to_people);
    }
    findings.extend(unused);
    findings.retain_mut(|finding| levels.keeps(finding));
    finding::sort(&mut findings);
    let sound = is_sound(&findings);
    findings
        .iter_mut()
        .for_each(|finding| context.deny.apply(finding));
    Verdict {
        findings,
        silenced,
        checked: sound.then_some(Checked { graph }),
    }
}

fn is_sound(findings: &[Finding]) -> bool {
    let mut severities = findings.iter().map(|finding| finding.severity);
    severities.all(|severity| severity < Severity::Error)
}

/// An exception that may be needed where the code is looked at is not taken away without asking.
fn leave_to_people(unused: &mut Finding) {
    let observes = |subject: &String| sizing::OBSERVING.iter().any(|id| id.as_str() == subject);
    if unused.subjects.first().is_some_and(observes) {
        unused.suggestion = None;
    }
}

fn look(graph: &Graph<'_>, levels: &Levels<'_>) -> Vec<Finding> {
    let mut findings = resolved(graph.model);
    for rule in RULES.iter().filter(|rule| levels.is_on(rule)) {
        match rule.check {
            Check::Graph(check) => findings.extend(check(graph)),
            Check::Limited { limit, check } => {
                findings.extend(check(graph, levels.limit(rule).unwrap_or(limit)))
            }
            Check::Reading | Check::Resolution | Check::Settings => {}
        }
    }
    findings
}

/// What resolution met. A fault of a rule that has no page yet is told all the same.
fn resolved(model: &Model) -> Vec<Finding> {
    let known: BTreeMap<&str, &Rule> = RULES.iter().map(|rule| (rule.id.as_str(), *rule)).collect();
    let told = model.faults.iter().map(|fault| {
        let severity = known
            .get(fault.rule)
            .map_or(Severity::Error, |rule| rule.severity);
        let mut finding = Finding::new(
            RuleId(fault.rule),
            severity,
            fault.span,
            fault.message.clone(),
        )
        .here(fault.label.clone())
        .suggest(fault.suggestion.clone());
        for (span, text) in &fault.related {
            finding = finding.label(*span, text.clone());
        }
        for subject in &fault.subjects {
            finding = finding.about(subject.clone());
        }
        if fault.help.is_empty() {
            finding
        } else {
            finding.help(fault.help.clone())
        }
    });
    told.collect()
}
