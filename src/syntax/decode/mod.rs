//! From the tree to records, collecting every fault on the way. One definition of a record gives the struct, its decoder
//! and its JSON Schema, so that the three cannot drift apart.
//!
//! A decoder takes its node by value: texts move from the tree into the record, and what has been decoded is freed.

mod checked;
mod choice;
mod collections;
mod declared;
mod duration;
mod fields;
mod record;
mod scalars;
mod schema;

pub use checked::{Buckets, Checked, Condition, Filled, Form, Limit, Positive, is_no, plain};
pub use choice::decode_choice;
pub use collections::{Named, NamedItem, OneOrMany, report_repeated};
pub use declared::{declare, numbered};
pub use duration::{Duration, Millis, Seconds};
pub use fields::{Field, Fields, fits};
pub use scalars::{Bounded, Int, Ratio};
pub use schema::{Defs, describe};

pub(crate) use choice::choice;
pub(crate) use record::record;

use super::fault;
use super::finding::Finding;
use super::source::{Span, Spanned};
use super::suggestion::Suggestion;
use super::yaml::{Entry, Map, Node, Style, Value};

/// How many faults one run of the decoder tells; a file that has more is told the first ones.
const MAX_FINDINGS: usize = 10_000;

/// Something that can be decoded from a node.
pub trait Decode: Sized {
    /// Whether an empty value (`key:`) is as good as the key left out.
    const MAY_BE_EMPTY: bool = false;

    /// The keys that give the name of an item when items stand in a list instead of a map.
    const NAME_KEYS: &'static [&'static str] = &["name"];

    /// The name that a bare text in a named list stands for, when the text says more than the name.
    #[must_use]
    fn bare_name(text: &str) -> Option<String> {
        let _ = text;
        None
    }

    /// Whether it is there as soon as something stands in its place, even if nothing of that can be read.
    const DECLARES: bool = false;

    /// Reads the value. `None` means that it could not be read, and that a finding has said so.
    fn decode(node: Node, cx: &mut Cx) -> Option<Self>;

    /// What it is when the key is not there; `None` when it must be.
    #[must_use]
    fn absent() -> Option<Self> {
        None
    }

    /// What it says, in one spelling whichever the file has; null where it says nothing.
    fn declared(&self) -> serde_json::Value;

    /// What stands in for it where it must be and could not be read, so that what refers to it still finds it.
    /// `place` lies where nothing is certain any more.
    #[must_use]
    fn unread(place: Span) -> Option<Self> {
        let _ = place;
        None
    }

    /// Its JSON Schema, 2020-12.
    fn schema(defs: &mut Defs) -> serde_json::Value;
}

/// What a decoder knows beside the node: where it is, and what has been found so far.
#[derive(Debug)]
pub struct Cx {
    /// The faults.
    pub findings: Vec<Finding>,
    /// The key that leads to the node being decoded; a missing key is reported there.
    pub head: Span,
    /// Whether a part of the text could not be read; nothing is missing then.
    pub incomplete: bool,
    /// Whether it is only tried whether a value can be read.
    pub trial: bool,
    /// The places of which a part could not be read. What rules find there may follow from that alone.
    pub torn: Vec<Span>,
    /// Whether something was lost since the last key of a record; whoever holds the place of the whole notes it.
    lost: bool,
    /// Whether nothing is read, and what stands in for a whole is made.
    unread: bool,
}

impl Cx {
    /// At the beginning of a document.
    #[must_use]
    pub fn new(head: Span, incomplete: bool) -> Self {
        Self {
            findings: Vec::new(),
            head,
            incomplete,
            trial: false,
            torn: Vec::new(),
            lost: false,
            unread: false,
        }
    }

    /// Where nothing can be read, and nothing is told for it.
    #[must_use]
    pub fn unread(place: Span) -> Self {
        Self {
            unread: true,
            ..Self::new(place, true)
        }
    }

    /// Notes that something was lost.
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }

    /// Whether something was lost since this was asked last.
    pub(super) fn has_lost(&mut self) -> bool {
        std::mem::take(&mut self.lost)
    }

    /// Notes that a part of something could not be read. What was noted within it is covered.
    pub(super) fn tear(&mut self, before: usize, places: [Span; 2]) {
        self.torn.truncate(before);
        if !self.torn.ends_with(&places) {
            self.torn.extend(places);
        }
    }

    /// Notes a fault.
    pub fn push(&mut self, finding: Finding) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }

    /// Notes that `node` is not what is needed.
    pub fn wrong_type(&mut self, node: &Node, expected: &str) {
        self.wrong(node, expected, None);
    }

    /// The same, with the value to write instead, where that is known.
    pub fn wrong(&mut self, node: &Node, expected: &str, instead: Option<(String, String)>) {
        if matches!(node.value, Value::Refused) {
            return;
        }
        let span = if node.as_str().is_some() {
            node.span
        } else {
            node.head()
        };
        let found = match node.as_str() {
            Some(text) if is_quoted(node) => format!("the text `\"{}\"`", shorten(text)),
            Some(text) => format!("`{}`", shorten(text)),
            None => node.kind().to_owned(),
        };
        let message = format!("expected {expected}, found {found}");
        let finding = Finding::error(fault::WRONG_TYPE, span, message);
        self.push(match instead {
            Some((value, help)) => finding.help(help).suggest(Suggestion::value(span, value)),
            None => finding,
        });
    }

    /// Notes that a value is of the right type and still not allowed.
    pub fn invalid(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.push(Finding::error(fault::INVALID_VALUE, span, message).help(help));
    }

    /// Decodes something that stands behind a key.
    pub fn under<T>(&mut self, head: Span, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.head, head);
        let result = f(self);
        self.head = before;
        result
    }
}

/// Whether a scalar stands in quotes, which make a text of it.
fn is_quoted(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar(scalar) if scalar.style == Style::Quoted)
}

/// The map of one key that a short form stands for.
#[must_use]
pub fn under_key(key: &str, node: Node) -> Node {
    let span = node.span;
    let entry = Entry {
        key: Spanned::new(key.into(), span),
        value: node,
    };
    Node {
        span,
        value: Value::Map(Map {
            entries: vec![entry],
        }),
    }
}

/// A text as it may stand in a message: one line, not long.
#[must_use]
pub fn shorten(text: &str) -> String {
    const MOST: usize = 60;
    let line = text.lines().next().unwrap_or("");
    if line.len() == text.len() && text.chars().count() <= MOST {
        return text.to_owned();
    }
    let mut short: String = line.chars().take(MOST).collect();
    short.push('…');
    short
}

/// The word among `known` that `word` was most likely meant to be.
pub fn closest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let word_plain = plain(word);
    if word_plain.is_empty() || word_plain.len() > 80 {
        return None;
    }
    let mut best = None;
    for candidate in known {
        let candidate_plain = plain(candidate);
        let distance = strsim::damerau_levenshtein(&word_plain, &candidate_plain);
        let most = match word_plain
            .chars()
            .count()
            .max(candidate_plain.chars().count())
        {
            0..=3 => 0,
            4..=5 => 1,
            6..=9 => 2,
            _ => 3,
        };
        if distance <= most && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Whether `word` can only be a slip for `meant`: they are one letter apart, or two in a long word, and every other word of
/// `known` is clearly farther away.
pub fn is_slip<'k>(word: &str, meant: &str, known: impl IntoIterator<Item = &'k str>) -> bool {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let word = plain(word);
    let distance = |other: &str| strsim::damerau_levenshtein(&word, &plain(other));
    let most = match word.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    let apart = distance(meant);
    apart <= most
        && known
            .into_iter()
            .filter(|other| *other != meant)
            .all(|other| other.len().abs_diff(word.len()) > most + 2 || distance(other) > apart + 1)
}

#[cfg(test)]
mod tests;
