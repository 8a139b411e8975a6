//! What the file says of rules: levels, limits, exceptions by name.

use std::collections::{BTreeMap, BTreeSet};

use super::overrides::Overrides;
use crate::model::{Level, Model, RuleSetting};
use crate::rules::rule::{Check, Rule};
use crate::rules::settings::{required_rule_lowered, severity_of, unknown_rule, unused_exception};
use crate::rules::{RULES, find};
use crate::syntax::finding::{Finding, Severity};
use crate::syntax::source::{Sources, Spanned};

/// The settings of a file.
#[derive(Debug)]
pub(crate) struct Levels<'m> {
    settings: BTreeMap<&'m str, &'m RuleSetting>,
    used: BTreeSet<(&'m str, usize)>,
    overrides: Overrides<'m>,
}

impl<'m> Levels<'m> {
    /// Reads the settings, and finds those that make no sense.
    pub(crate) fn of(model: &'m Model, sources: &Sources) -> (Self, Vec<Finding>) {
        let (overrides, mut findings) = Overrides::of(model, sources);
        let mut levels = Self {
            settings: BTreeMap::new(),
            used: BTreeSet::new(),
            overrides,
        };
        for setting in &model.rules {
            let Some(rule) = find(&setting.rule) else {
                findings.push(unknown_rule::finding(
                    &setting.rule,
                    "set here",
                    RULES.iter().map(|rule| rule.id.as_str()),
                ));
                continue;
            };
            findings.extend(required_rule_lowered::of(rule, setting));
            findings.extend(unknown_rule::limit_without_use(rule, setting));
            findings.extend(unknown_rule::limit_out_of_reach(rule, setting));
            levels.settings.insert(rule.id.as_str(), setting);
        }
        (levels, findings)
    }

    /// Whether a rule needs to look.
    pub(crate) fn is_on(&self, rule: &Rule) -> bool {
        rule.required || self.level(rule) != Some(Level::Off) || self.overrides.ask_for(rule)
    }

    /// The limit that the file sets.
    pub(crate) fn limit(&self, rule: &Rule) -> Option<f64> {
        self.settings
            .get(rule.id.as_str())
            .filter(|_| matches!(rule.check, Check::Limited { .. }))?
            .limit
    }

    /// Gives a finding its level here; false where the file makes an exception of it.
    pub(crate) fn settle(&mut self, finding: &mut Finding) -> bool {
        let Some(rule) = find(finding.rule.as_str()) else {
            return true;
        };
        if rule.required && finding.severity == Severity::Error {
            return true;
        }
        if self.excepts(rule, finding) {
            return false;
        }
        let here = self.overrides.level(rule, finding);
        match here.or_else(|| self.level(rule)).map(severity_of) {
            None => true,
            Some(None) => false,
            Some(Some(level)) => {
                finding.severity = if finding.severity >= rule.severity {
                    level
                } else {
                    finding.severity.min(level)
                };
                true
            }
        }
    }

    /// Whether the file makes an exception of what a finding is about.
    fn excepts(&mut self, rule: &'static Rule, finding: &Finding) -> bool {
        let Some(setting) = self.settings.get(rule.id.as_str()) else {
            return false;
        };
        let about = |name: &Spanned<String>| {
            let mut subjects = finding.subjects.iter();
            subjects.any(|subject| same(subject, &name.value))
        };
        let excepted = setting.allow.iter().position(about);
        if let Some(index) = excepted {
            self.used.insert((rule.id.as_str(), index));
        }
        excepted.is_some()
    }

    /// Exceptions that nothing needed of what rules have looked for.
    pub(crate) fn unused(&self, looked: impl Fn(&Rule) -> bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (id, setting) in &self.settings {
            if setting.level == Some(Level::Off) || !find(id).is_some_and(&looked) {
                continue;
            }
            for (index, name) in setting.allow.iter().enumerate() {
                if !self.used.contains(&(*id, index)) {
                    findings.push(unused_exception::of_name(id, name));
                }
            }
        }
        let usual = |rule: &Rule| self.level(rule).map_or(Some(rule.severity), severity_of);
        findings.extend(self.overrides.unused(usual, looked));
        findings
    }

    /// Whether the file wants to hear of a finding about its settings.
    pub(crate) fn keeps(&mut self, finding: &mut Finding) -> bool {
        let Some(rule) =
            find(finding.rule.as_str()).filter(|rule| matches!(rule.check, Check::Settings))
        else {
            return true;
        };
        let here = self.overrides.level(rule, finding);
        match here.or_else(|| self.level(rule)).map(severity_of) {
            None => true,
            Some(None) => false,
            Some(Some(level)) => {
                finding.severity = level;
                true
            }
        }
    }

    fn level(&self, rule: &Rule) -> Option<Level> {
        self.settings.get(rule.id.as_str())?.level
    }
}

/// `order-service` and `order_service` are one name.
pub(super) fn same(subject: &str, allowed: &str) -> bool {
    subject == allowed || subject.replace('-', "_") == allowed.replace('-', "_")
}
