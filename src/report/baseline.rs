//! A baseline: the findings that were there when msarch came, written down so that only new ones are reported. It shrinks as they
//! are mended, and grows only on demand.
//!
//! An entry is a file, a rule and a fingerprint, how grave that is by its rule, and how many findings share them; it names no line. The
//! other words of an entry are for those who read the file. What has become graver is new; levels that the file sets make nothing new.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::syntax::finding::{self, Finding, Severity};
use crate::syntax::fingerprint::fingerprint;
use crate::syntax::source::Sources;

/// The version of the form that is written.
const VERSION: u32 = 1;

/// Why a text is no baseline.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// It is not of this form.
    #[error("this is no baseline of msarch")]
    Malformed(#[from] serde_json::Error),
    /// It is of another form.
    #[error("this is a baseline of version {0}; this msarch reads version {VERSION}")]
    Version(u32),
}

/// What an entry stands for: a file, a rule, a fingerprint.
type Key = (String, String, String);

/// Findings that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Key, Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    about: Vec<String>,
    message: String,
    counts: Counts,
}

/// How many there are of each severity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Counts(BTreeMap<Severity, usize>);

impl Counts {
    fn add(&mut self, severity: Severity, count: usize) {
        *self.0.entry(severity).or_default() += count;
    }

    fn all(&self) -> usize {
        self.0.values().sum()
    }

    /// Takes away one that is as grave or graver, the least of those; false where there is none.
    fn take(&mut self, severity: Severity) -> bool {
        let mut fitting = self.0.range_mut(severity..);
        let left = fitting.find_map(|(_, count)| (*count > 0).then_some(count));
        left.map(|count| *count -= 1).is_some()
    }

    /// What of `now` is known, as it is now.
    fn still(&self, now: &Self) -> Self {
        let (mut known, mut still) = (self.clone(), Self::default());
        for (severity, count) in &now.0 {
            let taken = (0..*count).filter(|_| known.take(*severity)).count();
            if taken > 0 {
                still.add(*severity, taken);
            }
        }
        still
    }
}

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    findings: Vec<WrittenEntry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    file: String,
    rule: String,
    about: Vec<String>,
    message: String,
    fingerprint: String,
    #[serde(default)]
    severity: Grade,
    count: usize,
}

/// A severity as it is written. An entry that says none knows a finding however grave.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Grade {
    Info,
    Warn,
    #[default]
    Error,
}

impl From<Severity> for Grade {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warn => Self::Warn,
            Severity::Error => Self::Error,
        }
    }
}

impl From<Grade> for Severity {
    fn from(grade: Grade) -> Self {
        match grade {
            Grade::Info => Self::Info,
            Grade::Warn => Self::Warn,
            Grade::Error => Self::Error,
        }
    }
}

/// What a baseline leaves of some findings.
#[derive(Debug, Default)]
pub struct Sifted {
    /// The findings that it does not know.
    pub left: Vec<Finding>,
    /// How many it knows.
    pub known: usize,
}

/// Findings, and what the baseline calls the files that they are in.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The files.
    pub sources: &'a Sources,
    /// Their names in the baseline, in the order of the files.
    pub names: &'a [String],
}

impl Named<'_> {
    fn key(&self, finding: &Finding) -> Key {
        let file = &self.names[finding.span().source.index()];
        let print = fingerprint(file, finding, self.sources);
        (file.clone(), finding.rule.to_string(), print)
    }
}

impl Baseline {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is not one, or of another version.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let version = serde_json::from_str::<serde_json::Value>(text)?["version"].as_u64();
        if let Some(other) = version.filter(|version| *version != u64::from(VERSION)) {
            return Err(BaselineError::Version(
                u32::try_from(other).unwrap_or(u32::MAX),
            ));
        }
        let written: Written = serde_json::from_str(text)?;
        let mut entries: BTreeMap<Key, Entry> = BTreeMap::new();
        for one in written.findings {
            let key = (one.file, one.rule, one.fingerprint);
            let entry = entries.entry(key).or_insert(Entry {
                about: one.about,
                message: one.message,
                counts: Counts::default(),
            });
            entry.counts.add(one.severity.into(), one.count);
        }
        Ok(Self { entries })
    }

    /// The file: sorted, an entry a line of its own in every diff.
    #[must_use]
    pub fn print(&self) -> String {
        let findings = self
            .entries
            .iter()
            .flat_map(|((file, rule, print), entry)| {
                let counts = entry.counts.0.iter();
                counts.map(move |(severity, count)| WrittenEntry {
                    file: file.clone(),
                    rule: rule.clone(),
                    about: entry.about.clone(),
                    message: entry.message.clone(),
                    fingerprint: print.clone(),
                    severity: (*severity).into(),
                    count: *count,
                })
            });
        let written = Written {
            version: VERSION,
            findings: findings.collect(),
        };
        // Plain structs of texts and numbers always have a JSON.
        let text = serde_json::to_string_pretty(&written).unwrap_or_default();
        format!("{text}\n")
    }

    /// What some findings come to.
    #[must_use]
    pub fn of(findings: &[Finding], named: Named<'_>) -> Self {
        let mut entries: BTreeMap<Key, Entry> = BTreeMap::new();
        for finding in findings {
            let entry = entries.entry(named.key(finding)).or_insert_with(|| Entry {
                about: finding.subjects.clone(),
                message: finding.message.clone(),
                counts: Counts::default(),
            });
            entry.counts.add(finding.by_rule, 1);
        }
        Self { entries }
    }

    /// How many findings it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.values().map(|entry| entry.counts.all()).sum()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Leaves out the findings that it knows and that are no graver than it knows. Of more equal ones than it knows, the last are left.
    #[must_use]
    pub fn sift(&self, mut findings: Vec<Finding>, named: Named<'_>) -> Sifted {
        finding::sort(&mut findings);
        let mut rest: BTreeMap<&Key, Counts> = self
            .entries
            .iter()
            .map(|(key, entry)| (key, entry.counts.clone()))
            .collect();
        let mut sifted = Sifted::default();
        for finding in findings {
            let known = rest.get_mut(&named.key(&finding));
            if known.is_some_and(|known| known.take(finding.by_rule)) {
                sifted.known += 1;
            } else {
                sifted.left.push(finding);
            }
        }
        sifted
    }

    /// What it knows more than `now`, where `looked` says that a file and a rule were looked at.
    #[must_use]
    pub fn gone(&self, now: &Self, looked: impl Fn(&str, &str) -> bool) -> Vec<String> {
        let entries = self.entries.iter().filter(|(key, entry)| {
            looked(&key.0, &key.1) && entry.counts.all() > now.counts(key).all()
        });
        entries
            .map(|((file, rule, _), entry)| match entry.about.as_slice() {
                [] => format!("{rule} in {file}: {}", entry.message),
                about => format!("{rule} in {file}, about {}", about.join(", ")),
            })
            .collect()
    }

    /// It, without what `now` lacks where `looked` says that a file and a rule were looked at.
    #[must_use]
    pub fn shrunk(&self, now: &Self, looked: impl Fn(&str, &str) -> bool) -> Self {
        let mut entries = self.entries.clone();
        entries.retain(|key, entry| {
            if looked(&key.0, &key.1) {
                entry.counts = entry.counts.still(&now.counts(key));
            }
            entry.counts.all() > 0
        });
        Self { entries }
    }

    /// It, and what `now` has more.
    #[must_use]
    pub fn grown(mut self, now: &Self) -> Self {
        for (key, entry) in &now.entries {
            let here = self
                .entries
                .entry(key.clone())
                .or_insert_with(|| entry.clone());
            for (severity, count) in &entry.counts.0 {
                let known = here.counts.0.entry(*severity).or_default();
                *known = (*known).max(*count);
            }
        }
        self
    }

    fn counts(&self, key: &Key) -> Counts {
        let entry = self.entries.get(key);
        entry.map(|entry| entry.counts.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::finding::RuleId;
    use crate::syntax::source::{SourceId, Span};

    fn finding(rule: &'static str, subject: &str, at: usize) -> Finding {
        Finding::error(
            RuleId(rule),
            Span::new(SourceId::default(), at, at + 1),
            "m",
        )
        .about(subject)
    }

    fn sources() -> Sources {
        let mut sources = Sources::new();
        sources.add("a.yaml", "x x x x x x");
        sources
    }

    #[test]
    fn it_is_read_as_it_was_written_whatever_the_order() {
        let (sources, names) = (sources(), ["a.yaml".to_owned()]);
        let named = Named {
            sources: &sources,
            names: &names,
        };
        let all = [
            finding("b", "s", 0),
            finding("a", "t", 2),
            finding("a", "t", 4),
        ];
        let baseline = Baseline::of(&all, named);
        let turned: Vec<_> = all.iter().rev().cloned().collect();
        let text = baseline.print();
        assert_eq!(text, Baseline::of(&turned, named).print());
        assert_eq!(Baseline::parse(&text).unwrap(), baseline);
        assert_eq!(baseline.len(), 3);
        assert!(text.contains("\"count\": 2"), "{text}");
    }

    #[test]
    fn of_equal_findings_as_many_are_known_as_are_written_down() {
        let (sources, names) = (sources(), ["a.yaml".to_owned()]);
        let named = Named {
            sources: &sources,
            names: &names,
        };
        let baseline = Baseline::of(&[finding("a", "t", 2)], named);
        let now = vec![
            finding("a", "t", 6),
            finding("a", "t", 4),
            finding("a", "u", 8),
        ];
        let sifted = baseline.sift(now, named);
        assert_eq!(sifted.known, 1);
        let left: Vec<u32> = sifted.left.iter().map(|one| one.span().start).collect();
        assert_eq!(left, [6, 8]);
    }

    #[test]
    fn what_has_become_graver_is_new_and_what_has_become_less_grave_is_known() {
        let (sources, names) = (sources(), ["a.yaml".to_owned()]);
        let named = Named {
            sources: &sources,
            names: &names,
        };
        let grave = |by_rule| Finding {
            by_rule,
            ..finding("a", "t", 2)
        };
        let all = [Severity::Info, Severity::Warn, Severity::Error];
        for (was, now, known) in [
            (Severity::Warn, Severity::Error, false),
            (Severity::Warn, Severity::Warn, true),
            (Severity::Error, Severity::Info, true),
        ] {
            let baseline = Baseline::of(&[grave(was)], named);
            assert_eq!(Baseline::parse(&baseline.print()).unwrap(), baseline);
            let sifted = baseline.sift(vec![grave(now)], named);
            assert_eq!(sifted.known == 1, known, "{was} {now}");
            // Written again, it knows the finding as it is now.
            let now = Baseline::of(&[grave(now)], named);
            let written = baseline.shrunk(&now, |_, _| true);
            assert_eq!(written == now, known, "{was}");
        }
        let old = Baseline::of(&all.map(grave), named)
            .print()
            .lines()
            .filter(|line| !line.contains("severity"))
            .collect::<String>();
        let old = Baseline::parse(&old).unwrap();
        assert_eq!(old.sift(all.map(grave).to_vec(), named).known, 3);
    }

    #[test]
    fn it_shrinks_where_something_was_looked_at_and_nowhere_else() {
        let (sources, names) = (sources(), ["a.yaml".to_owned()]);
        let named = Named {
            sources: &sources,
            names: &names,
        };
        let two = finding("a", "t", 2);
        let baseline = Baseline::of(
            &[two.clone(), finding("a", "t", 4), finding("b", "s", 0)],
            named,
        );
        let now = Baseline::of(&[two, finding("c", "new", 0)], named);
        assert_eq!(baseline.shrunk(&now, |_, _| true).len(), 1);
        assert_eq!(baseline.shrunk(&now, |_, rule| rule != "b").len(), 2);
        assert_eq!(
            baseline.gone(&now, |_, _| true),
            ["a in a.yaml, about t", "b in a.yaml, about s"]
        );
        assert_eq!(baseline.shrunk(&now, |_, _| true).grown(&now).len(), 2);
    }

    #[test]
    fn another_version_and_another_file_are_told_apart() {
        let version = Baseline::parse(r#"{"version": 2, "rules": []}"#).unwrap_err();
        assert!(version.to_string().contains("version 2"), "{version}");
        for text in ["", "[]", r#"{"version": 1}"#, "{}"] {
            assert!(
                matches!(Baseline::parse(text), Err(BaselineError::Malformed(_))),
                "{text}"
            );
        }
    }
}
