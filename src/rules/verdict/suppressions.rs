//! Comments that allow a finding at one place: `# msarch: allow(sync-cycle) the partner asks once a day`.

use std::collections::BTreeMap;

use crate::rules::rule::Rule;
use crate::rules::settings::{required_rule_lowered, unknown_rule, unused_exception};
use crate::rules::{RULES, find};
use crate::syntax::finding::{Finding, Severity};
use crate::syntax::source::{SourceId, Sources};
use crate::syntax::suppression::Suppression;

/// The suppressions of all files.
#[derive(Debug)]
pub(crate) struct Suppressions<'a> {
    sources: &'a Sources,
    all: &'a [Suppression],
    by_line: BTreeMap<(SourceId, usize), Vec<(usize, usize)>>,
    used: Vec<Vec<bool>>,
    held_back: Vec<Finding>,
}

impl<'a> Suppressions<'a> {
    /// Orders suppressions by the lines that they speak of.
    pub(crate) fn of(all: &'a [Suppression], sources: &'a Sources) -> Self {
        let mut by_line: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, suppression) in all.iter().enumerate() {
            for rule in 0..suppression.rules.len() {
                by_line
                    .entry((suppression.span.source, suppression.line))
                    .or_default()
                    .push((index, rule));
            }
        }
        let used = all
            .iter()
            .map(|suppression| vec![false; suppression.rules.len()])
            .collect();
        Self {
            sources,
            all,
            by_line,
            used,
            held_back: Vec::new(),
        }
    }

    /// Whether no comment allows a finding.
    pub(crate) fn lets_stand(&mut self, finding: &Finding) -> bool {
        if self.all.is_empty() {
            return true;
        }
        let span = finding.span();
        let line = self.sources.get(span.source).line(span.start as usize);
        let Some(candidates) = self.by_line.get(&(span.source, line)) else {
            return true;
        };
        let matching = candidates
            .iter()
            .find(|(index, rule)| self.all[*index].rules[*rule].value == finding.rule.as_str());
        let Some((index, rule)) = matching.copied() else {
            return true;
        };
        self.used[index][rule] = true;
        let required = find(finding.rule.as_str()).is_none_or(|rule| rule.required)
            && finding.severity == Severity::Error;
        if required {
            self.held_back.push(required_rule_lowered::by_comment(
                finding,
                &self.all[index].rules[rule],
            ));
        }
        required
    }

    /// Suppressions that match nothing of what rules have looked for, that name no rule, or that are not heeded.
    pub(crate) fn unused(&mut self, looked: impl Fn(&Rule) -> bool) -> Vec<Finding> {
        let mut findings = std::mem::take(&mut self.held_back);
        for (suppression, used) in self.all.iter().zip(&self.used) {
            for (rule, used) in suppression.rules.iter().zip(used) {
                match find(rule) {
                    None => findings.push(unknown_rule::finding(
                        rule,
                        "allowed here",
                        RULES.iter().map(|rule| rule.id.as_str()),
                    )),
                    Some(known) if !used && looked(known) => {
                        findings.push(unused_exception::of_comment(rule));
                    }
                    Some(_) => {}
                }
            }
        }
        findings
    }
}
