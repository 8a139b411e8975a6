//! `--only`: some rules or families, and nothing of the others.

use std::collections::BTreeSet;

use crate::cli::Error;
use crate::rules::references::nearest::nearest;
use crate::rules::{Family, RULES};
use crate::syntax::finding::Finding;

/// The rules that are reported; all where nothing was said.
#[derive(Debug, Clone, Default)]
pub(super) struct Only(Option<BTreeSet<&'static str>>);

impl Only {
    /// Reads ids of rules and names of families.
    ///
    /// # Errors
    /// The first word that is neither.
    pub(super) fn parse(words: &[String]) -> Result<Self, Error> {
        if words.is_empty() {
            return Ok(Self(None));
        }
        let mut rules = BTreeSet::new();
        for word in words {
            let named = RULES
                .iter()
                .filter(|rule| rule.id.as_str() == word || rule.family.as_str() == word);
            let mut found = named.map(|rule| rule.id.as_str()).peekable();
            if found.peek().is_none() {
                return Err(unknown(word));
            }
            rules.extend(found);
        }
        Ok(Self(Some(rules)))
    }

    /// Whether a finding is reported.
    pub(super) fn keeps(&self, finding: &Finding) -> bool {
        self.includes(finding.rule.as_str())
    }

    /// Whether findings of a rule are reported.
    pub(super) fn includes(&self, rule: &str) -> bool {
        self.0.as_ref().is_none_or(|rules| rules.contains(rule))
    }
}

fn unknown(word: &str) -> Error {
    let families = Family::ALL.iter().map(|family| family.as_str());
    let known = RULES.iter().map(|rule| rule.id.as_str()).chain(families);
    Error::UnknownRule {
        word: word.to_owned(),
        near: nearest(word, known).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_stands_for_its_rules_and_shares_no_name_with_one() {
        for family in Family::ALL {
            assert!(crate::rules::find(family.as_str()).is_none(), "{family}");
            let only = Only::parse(&[family.to_string()]).unwrap();
            for rule in RULES.iter() {
                assert_eq!(only.includes(rule.id.as_str()), rule.family == *family);
            }
        }
    }
}
