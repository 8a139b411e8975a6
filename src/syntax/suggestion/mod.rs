//! What could be written instead: a change to the text that needs no judgement, and that leaves comments and layout alone.
//!
//! A rule says what is meant ([`Change`]) and knows no bytes; the text decides whether and how that can be done ([`Edit`]). Where it
//! cannot be done for certain there is no suggestion, and the finding's help still says what to do.

mod line;
mod list;
mod scalar;

pub use line::{Lines, lines};

use super::source::{SourceId, Sources, Span, Spanned};
use super::yaml;

/// One thing to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A name or word, in quotes or not, becomes another; quotes stay.
    Word {
        /// Where it stands.
        span: Span,
        /// The word that stands there.
        was: String,
        /// The word that is meant.
        now: String,
    },
    /// A value becomes another, which stands without quotes.
    Value {
        /// Where it stands.
        span: Span,
        /// What to write.
        now: String,
    },
    /// An item leaves its list.
    Item(Span),
    /// A rule leaves the comment that allows it, and the comment goes with the last one.
    Allowed(Span),
}

/// Changes that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suggestion {
    /// The changes.
    pub changes: Vec<Change>,
}

/// A text to put in the place of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes.
    pub span: Span,
    /// The text.
    pub text: String,
}

impl Suggestion {
    /// A word in the place of another.
    #[must_use]
    pub fn word(was: &Spanned<String>, now: &str) -> Self {
        Self::of(Change::Word {
            span: was.span,
            was: was.value.clone(),
            now: now.to_owned(),
        })
    }

    /// A value in the place of what stands at `span`.
    #[must_use]
    pub fn value(span: Span, now: impl Into<String>) -> Self {
        let now = now.into();
        Self::of(Change::Value { span, now })
    }

    /// One change.
    #[must_use]
    pub fn of(change: Change) -> Self {
        Self {
            changes: vec![change],
        }
    }

    /// The same among other files: `ids` holds, for each file, where it is now.
    #[must_use]
    pub fn among(mut self, ids: &[SourceId]) -> Self {
        for change in &mut self.changes {
            let (Change::Word { span, .. }
            | Change::Value { span, .. }
            | Change::Item(span)
            | Change::Allowed(span)) = change;
            span.source = ids[span.source.index()];
        }
        self
    }

    /// The edits, in the order of the files; none where the text is not what was thought.
    #[must_use]
    pub fn edits(&self, sources: &Sources) -> Option<Vec<Edit>> {
        let mut edits = Vec::with_capacity(self.changes.len());
        for change in &self.changes {
            edits.push(match change {
                Change::Word { span, was, now } => scalar::word(*span, was, now, sources)?,
                Change::Value { span, now } => scalar::value(*span, now, sources)?,
                Change::Item(span) => list::item(*span, sources)?,
                Change::Allowed(span) => list::allowed(*span, sources)?,
            });
        }
        edits.sort_by_key(|edit| edit.span);
        edits.dedup();
        let apart = edits.windows(2).all(|pair| !overlap(&pair[0], &pair[1]));
        let changes = edits
            .iter()
            .any(|edit| sources.text(edit.span) != edit.text);
        (apart && changes).then_some(edits)
    }
}

/// Whether two edits cannot both be made at once.
#[must_use]
pub fn overlap(one: &Edit, other: &Edit) -> bool {
    one.span.source == other.span.source
        && one.span.start <= other.span.end
        && other.span.start <= one.span.end
}

/// A text with edits made, which are in order and do not overlap; none where that gives no YAML any more although it was one.
#[must_use]
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut edited = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        edited.push_str(text.get(at..range.start)?);
        edited.push_str(&edit.text);
        at = range.end;
    }
    edited.push_str(text.get(at..)?);
    let faults = |text: &str| yaml::parse(text, SourceId::default()).findings.len();
    (faults(&edited) <= faults(text)).then_some(edited)
}

#[cfg(test)]
mod tests;
