//! The faults that reading a file can find, before anything is known of what it means. Their ids are as stable as those
//! of the rules, and `explain` tells them the same way.

use super::finding::RuleId;

/// What is to be known of a fault besides its place.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its stable id.
    pub id: RuleId,
    /// One sentence for lists and reports.
    pub summary: &'static str,
}

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal: $summary:literal;)+) => {
        $($(#[doc = $doc])+ pub const $name: RuleId = RuleId($id);)+

        /// Every fault, by id.
        pub const FAULTS: &[Fault] = &[$(Fault { id: $name, summary: $summary }),+];
    };
}

faults! {
    /// An alias without an anchor before it, or inside its own anchor.
    ALIAS_UNKNOWN = "alias-unknown": "an alias names no anchor that stands before it";
    /// The same key twice in one map.
    DUPLICATE_KEY = "duplicate-key": "one map holds the same key twice";
    /// The same name twice among things of one kind, in one file or in two.
    DUPLICATE_NAME = "duplicate-name": "two things of one kind have the same name";
    /// The file holds no document.
    EMPTY_FILE = "empty-file": "the file holds nothing but blanks and comments";
    /// A file that is included twice or by itself.
    INCLUDE_CYCLE = "include-cycle": "a file includes itself, directly or through others";
    /// An include that matches nothing.
    INCLUDE_WITHOUT_MATCH = "include-without-match": "an include matches no file";
    /// A file that several includes match.
    INCLUDED_TWICE = "included-twice": "a file is included more than once";
    /// A value of the right type that is not allowed.
    INVALID_VALUE = "invalid-value": "a value is not one of those that are allowed here";
    /// A suppression comment that cannot be read.
    MALFORMED_SUPPRESSION = "malformed-suppression": "a suppression comment cannot be understood";
    /// A key that must be there.
    MISSING_KEY = "missing-key": "a key that must be there is missing";
    /// More than one document in a file.
    SEVERAL_DOCUMENTS = "several-documents": "the file holds more than one YAML document";
    /// A tag, which has no meaning here.
    TAG_WITHOUT_MEANING = "tag-without-meaning": "a YAML tag has no meaning in an architecture";
    /// A nesting, a number of nodes or an expansion of aliases beyond the limit.
    TOO_LARGE = "too-large": "the file is nested too deeply or holds too many values";
    /// A key that nobody reads.
    UNKNOWN_KEY = "unknown-key": "a key is not known in this place";
    /// A list where a map is needed, and the like.
    WRONG_TYPE = "wrong-type": "a value is not of the type that is needed here";
    /// Text that is not YAML.
    YAML_SYNTAX = "yaml-syntax": "the text is not valid YAML";
}

#[cfg(test)]
mod tests {
    use super::FAULTS;

    #[test]
    fn the_ids_are_kebab_case_and_sorted_within_reach() {
        for fault in FAULTS {
            assert!(
                fault
                    .id
                    .as_str()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{}",
                fault.id
            );
        }
        let mut ids: Vec<_> = FAULTS.iter().map(|f| f.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), FAULTS.len());
    }
}
