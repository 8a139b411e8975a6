//! What is wrong with the text of the file, before anything is known of what it means. The reader finds these faults; their pages stand here.

use super::rule::{Check, Family, Rule};
use crate::syntax::fault;
use crate::syntax::finding::{RuleId, Severity};

/// The rules of this family.
pub const RULES: &[Rule] = &[
    rule(fault::ALIAS_UNKNOWN, include_str!("alias_unknown.md")),
    rule(fault::DUPLICATE_KEY, include_str!("duplicate_key.md")),
    rule(fault::DUPLICATE_NAME, include_str!("duplicate_name.md")),
    rule(fault::EMPTY_FILE, include_str!("empty_file.md")),
    rule(fault::INCLUDE_CYCLE, include_str!("include_cycle.md")),
    rule(
        fault::INCLUDE_WITHOUT_MATCH,
        include_str!("include_without_match.md"),
    ),
    Rule {
        severity: Severity::Warn,
        required: false,
        ..rule(fault::INCLUDED_TWICE, include_str!("included_twice.md"))
    },
    rule(fault::INVALID_VALUE, include_str!("invalid_value.md")),
    rule(
        fault::MALFORMED_SUPPRESSION,
        include_str!("malformed_suppression.md"),
    ),
    rule(fault::MISSING_KEY, include_str!("missing_key.md")),
    rule(
        fault::SEVERAL_DOCUMENTS,
        include_str!("several_documents.md"),
    ),
    rule(
        fault::TAG_WITHOUT_MEANING,
        include_str!("tag_without_meaning.md"),
    ),
    rule(fault::TOO_LARGE, include_str!("too_large.md")),
    rule(fault::UNKNOWN_KEY, include_str!("unknown_key.md")),
    rule(fault::WRONG_TYPE, include_str!("wrong_type.md")),
    rule(fault::YAML_SYNTAX, include_str!("yaml_syntax.md")),
];

const fn rule(id: RuleId, docs: &'static str) -> Rule {
    Rule {
        id,
        family: Family::Format,
        severity: Severity::Error,
        required: true,
        summary: summary(id),
        docs,
        check: Check::Reading,
    }
}

/// The reader's sentence for a fault.
const fn summary(id: RuleId) -> &'static str {
    let mut index = 0;
    while index < fault::FAULTS.len() {
        if same(fault::FAULTS[index].id.as_str(), id.as_str()) {
            return fault::FAULTS[index].summary;
        }
        index += 1;
    }
    ""
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}
