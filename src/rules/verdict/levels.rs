//! What the file says of rules: levels, limits, exceptions by name.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Level, RuleSetting};
use crate::rules::rule::{Check, Rule};
use crate::rules::settings::{required_rule_lowered, severity_of, unknown_rule, unused_exception};
use crate::rules::{RULES, find};
use crate::syntax::finding::{Finding, Severity};

/// The settings of a file.
#[derive(Debug)]
pub(crate) struct Levels<'m> {
    settings: BTreeMap<&'m str, &'m RuleSetting>,
    used: BTreeSet<(&'m str, usize)>,
}

impl<'m> Levels<'m> {
    /// Reads the settings, and finds those that make no sense.
    pub(crate) fn of(settings: &'m [RuleSetting]) -> (Self, Vec<Finding>) {
        let mut levels = Self {
            settings: BTreeMap::new(),
            used: BTreeSet::new(),
        };
        let mut findings = Vec::new();
        for setting in settings {
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
            levels.settings.insert(rule.id.as_str(), setting);
        }
        (levels, findings)
    }

    /// Whether a rule needs to look.
    pub(crate) fn is_on(&self, rule: &Rule) -> bool {
        rule.required || self.level(rule) != Some(Level::Off)
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
        let fixed = rule.required && finding.severity == Severity::Error;
        let Some(setting) = self.settings.get(rule.id.as_str()) else {
            return true;
        };
        if fixed {
            return true;
        }
        let excepted = setting.allow.iter().position(|name| {
            finding
                .subjects
                .iter()
                .any(|subject| same(subject, &name.value))
        });
        if let Some(index) = excepted {
            self.used.insert((rule.id.as_str(), index));
            return false;
        }
        match setting.level.map(severity_of) {
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

    /// Exceptions that nothing needed.
    pub(crate) fn unused(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (id, setting) in &self.settings {
            if setting.level == Some(Level::Off) {
                continue;
            }
            for (index, name) in setting.allow.iter().enumerate() {
                if !self.used.contains(&(*id, index)) {
                    findings.push(unused_exception::of_name(id, name));
                }
            }
        }
        findings
    }

    /// Whether the file wants to hear of a finding about its settings.
    pub(crate) fn keeps(&self, finding: &mut Finding) -> bool {
        let Some(rule) =
            find(finding.rule.as_str()).filter(|rule| matches!(rule.check, Check::Settings))
        else {
            return true;
        };
        match self.level(rule).map(severity_of) {
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
fn same(subject: &str, allowed: &str) -> bool {
    subject == allowed || subject.replace('-', "_") == allowed.replace('-', "_")
}
