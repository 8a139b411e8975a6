//! Edits as the lines that they change.

use super::super::source::{SourceId, Sources};
use super::Edit;

/// Lines of a file, as they are and as they would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    /// The file.
    pub source: SourceId,
    /// The first of them, from 1.
    pub first: usize,
    /// As they are.
    pub before: Vec<String>,
    /// As they would be.
    pub after: Vec<String>,
}

/// The lines that edits change, in the order of the edits; those that one line shares with the next are told together.
#[must_use]
pub fn lines(edits: &[Edit], sources: &Sources) -> Vec<Lines> {
    let mut told = Vec::new();
    let mut rest = edits;
    while let Some(first) = rest.first() {
        let source = sources.get(first.span.source);
        let (from, mut last) = reach(first, sources);
        let mut count = 1;
        while let Some(next) = rest.get(count) {
            let (start, end) = reach(next, sources);
            if next.span.source != first.span.source || start > last {
                break;
            }
            last = last.max(end);
            count += 1;
        }
        let range = source.line_range(from).start..source.line_range(last).end;
        let shown = |range| source.shown(range).unwrap_or_default();
        let before = shown(range.clone());
        let mut after = String::new();
        let mut at = range.start;
        for edit in &rest[..count] {
            after.push_str(&shown(at..edit.span.range().start));
            after.push_str(&edit.text);
            at = edit.span.range().end;
        }
        after.push_str(&shown(at..range.end));
        let split = |text: &str| text.lines().map(str::to_owned).collect();
        told.push(Lines {
            source: first.span.source,
            first: from,
            before: split(&before),
            after: split(&after),
        });
        rest = &rest[count..];
    }
    told
}

/// The first and the last line that an edit changes. One that takes a line's end away changes no line after it.
fn reach(edit: &Edit, sources: &Sources) -> (usize, usize) {
    let source = sources.get(edit.span.source);
    let range = edit.span.range();
    let first = source.line(range.start);
    let last = source.line(range.end);
    let whole = last > first && source.line_range(last).start == range.end;
    (first, if whole { last - 1 } else { last })
}
