//! Files as read, and the places in them: every later floor speaks of a place as a [`Span`], and only `report` turns it
//! into a file name, a line and a column.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::iter;
use std::ops::{Deref, Range};

/// A file among the [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourceId(u32);

impl SourceId {
    /// The position of the file in the order of loading.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A range of bytes in one file, half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// A range of bytes in `source`. An end before the start gives an empty span.
    #[must_use]
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let end = u32::try_from(end).unwrap_or(u32::MAX).max(start);
        Self { source, start, end }
    }

    /// The range from the start of `self` to the end of `other`, which must be in the same file; else `self`.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.source == other.source {
            Self {
                end: self.end.max(other.end),
                ..self
            }
        } else {
            self
        }
    }

    /// A part of this span, by byte offsets from its start; clipped to the span.
    #[must_use]
    pub fn slice(self, from: usize, to: usize) -> Self {
        let len = self.end - self.start;
        let from = u32::try_from(from).unwrap_or(len).min(len);
        let to = u32::try_from(to).unwrap_or(len).clamp(from, len);
        Self {
            source: self.source,
            start: self.start + from,
            end: self.start + to,
        }
    }

    /// The bytes as a range.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and the place where it was written.
///
/// Two of them are equal when their values are: the place is a remark, not a part of the value.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Puts a place to a value.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Keeps the place and changes the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned {
            value: f(self.value),
            span: self.span,
        }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

impl<T: PartialOrd> PartialOrd for Spanned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Ord> Ord for Spanned<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl<T: Hash> Hash for Spanned<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl<T: fmt::Display> fmt::Display for Spanned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl Borrow<str> for Spanned<String> {
    fn borrow(&self) -> &str {
        &self.value
    }
}

/// A line and a column, both counted from 1; the column counts characters, not bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

/// How many bytes lie between two remembered character counts.
const STRIDE: usize = 4096;

/// One file as read: its name as the user would type it, its text, and an index of its lines.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    text: String,
    line_starts: Vec<u32>,
    /// Characters before every `STRIDE`th byte, so that a column in a line of megabytes costs no walk through the line.
    chars_before: Vec<usize>,
    /// What nobody is shown, in no order.
    hidden: Vec<Range<usize>>,
}

impl Source {
    fn new(name: String, text: String) -> Self {
        let breaks = text.match_indices('\n');
        let starts = breaks.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX));
        let line_starts = iter::once(0).chain(starts).collect();
        let mut chars = 0;
        let blocks = text.as_bytes().chunks(STRIDE);
        let chars_before = blocks
            .map(|block| {
                let before = chars;
                chars += chars_in(block);
                before
            })
            .collect();
        Self {
            name,
            text,
            line_starts,
            chars_before,
            hidden: Vec::new(),
        }
    }

    /// The name as given by the user: relative where possible, parts separated by `/`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A part of the text as it may be shown: of what is hidden each byte is a star. Nothing where the part is none.
    #[must_use]
    pub fn shown(&self, range: Range<usize>) -> Option<Cow<'_, str>> {
        let text = self.text.get(range.clone())?;
        let within = |hidden: &&Range<usize>| hidden.start < range.end && range.start < hidden.end;
        let mut hidden = self.hidden.iter().filter(within).peekable();
        if hidden.peek().is_none() {
            return Some(Cow::Borrowed(text));
        }
        let hidden: Vec<&Range<usize>> = hidden.collect();
        let mut shown = String::with_capacity(text.len());
        for (at, char) in text.char_indices() {
            let at = range.start + at;
            if char != '\n' && hidden.iter().any(|hidden| hidden.contains(&at)) {
                shown.extend(std::iter::repeat_n('*', char.len_utf8()));
            } else {
                shown.push(char);
            }
        }
        Some(Cow::Owned(shown))
    }

    /// The texts that nobody is shown, as far as they touch a place.
    fn hidden_at(&self, place: Range<usize>) -> impl Iterator<Item = &str> {
        let touched = self.hidden.iter();
        touched
            .filter(move |hidden| hidden.start <= place.end && place.start <= hidden.end)
            .filter_map(|hidden| self.text.get(hidden.clone()))
    }

    /// How many lines the file has; an empty file has one.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// The line, from 1, that holds the byte at `offset`.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        self.line_starts
            .partition_point(|start| *start as usize <= offset)
    }

    /// The bytes of a line (from 1) without its line break; empty past the end.
    #[must_use]
    pub fn line_range(&self, line: usize) -> std::ops::Range<usize> {
        let Some(start) = line.checked_sub(1).and_then(|i| self.line_starts.get(i)) else {
            return self.text.len()..self.text.len();
        };
        let start = *start as usize;
        let end = self
            .line_starts
            .get(line)
            .map_or(self.text.len(), |next| *next as usize);
        let trimmed = self.text[start..end].trim_end_matches(['\n', '\r']).len();
        start..start + trimmed
    }

    /// The line and column of a byte.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.line(offset);
        let start = self.line_starts[line - 1] as usize;
        Position {
            line,
            column: self.chars(offset) - self.chars(start) + 1,
        }
    }

    fn chars(&self, offset: usize) -> usize {
        let bytes = self.text.as_bytes();
        let block = (offset / STRIDE).min(self.chars_before.len().saturating_sub(1));
        let known = self.chars_before.get(block).copied().unwrap_or(0);
        known + chars_in(&bytes[(block * STRIDE).min(offset)..offset])
    }
}

/// How many characters begin in a piece of text.
fn chars_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// Every file of one run.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
    torn: Vec<Span>,
}

impl Sources {
    /// Nothing read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a file in.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let id = SourceId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source::new(name.into(), text.into()));
        id
    }

    /// Takes in all files of another run, and says under which ids they are here. A file that is here already, read to the
    /// same text, stays one file.
    pub fn take_in(&mut self, other: Self) -> Vec<SourceId> {
        let mut known: BTreeMap<String, SourceId> = self
            .iter()
            .map(|(id, file)| (file.name.clone(), id))
            .collect();
        let mut ids = Vec::with_capacity(other.files.len());
        for file in other.files {
            let same = known
                .get(&file.name)
                .copied()
                .filter(|id| self.get(*id).text == file.text);
            ids.push(same.unwrap_or_else(|| {
                let id = SourceId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
                known.insert(file.name.clone(), id);
                self.files.push(file);
                id
            }));
        }
        ids
    }

    /// Notes places of which a part could not be read: nothing is certain that is found there.
    pub fn tear(&mut self, places: impl IntoIterator<Item = Span>) {
        let mut all = std::mem::take(&mut self.torn);
        all.extend(places);
        all.sort_unstable();
        for place in all {
            match self.torn.last_mut() {
                Some(last) if last.source == place.source && place.start <= last.end => {
                    last.end = last.end.max(place.end);
                }
                _ => self.torn.push(place),
            }
        }
    }

    /// Whether a place lies where a part could not be read.
    #[must_use]
    pub fn is_torn(&self, place: Span) -> bool {
        let begun = |torn: &Span| (torn.source, torn.start) <= (place.source, place.start);
        let last = self.torn.partition_point(begun).checked_sub(1);
        last.is_some_and(|at| {
            self.torn[at].source == place.source && place.start < self.torn[at].end
        })
    }

    /// The file behind an id.
    #[must_use]
    pub fn get(&self, id: SourceId) -> &Source {
        &self.files[id.index()]
    }

    /// All files in the order of loading.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.files
            .iter()
            .enumerate()
            .map(|(i, file)| (SourceId(u32::try_from(i).unwrap_or(u32::MAX)), file))
    }

    /// The text that a span covers.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source).text().get(span.range()).unwrap_or("")
    }

    /// The text that a span covers, as it may be shown.
    #[must_use]
    pub fn shown(&self, span: Span) -> Cow<'_, str> {
        let shown = self.get(span.source).shown(span.range());
        shown.unwrap_or_default()
    }

    /// Hides a word within a span from whoever is shown the file; where it is written in another way, all of the span.
    pub fn hide(&mut self, span: Span, word: &str) {
        let Some(file) = self.files.get_mut(span.source.index()) else {
            return;
        };
        let text = file.text.get(span.range()).unwrap_or("");
        let start = span.range().start;
        let mut found: Vec<Range<usize>> = text
            .match_indices(word)
            .map(|(at, word)| start + at..start + at + word.len())
            .collect();
        if found.is_empty() {
            found.push(span.range());
        }
        file.hidden.append(&mut found);
    }

    /// The texts that nobody is shown, as far as they touch a span.
    pub fn hidden_at(&self, span: Span) -> impl Iterator<Item = &str> {
        self.get(span.source).hidden_at(span.range())
    }

    /// Where a span begins.
    #[must_use]
    pub fn position(&self, span: Span) -> Position {
        self.get(span.source).position(span.start as usize)
    }

    /// Where a span ends.
    #[must_use]
    pub fn end_position(&self, span: Span) -> Position {
        self.get(span.source).position(span.end as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", "größe: 1\nx: ü=y\n");
        let at = sources.text(Span::new(id, 0, 7)).len();
        assert_eq!(at, 7);
        assert_eq!(sources.get(id).position(9), Position { line: 1, column: 8 });
        assert_eq!(
            sources.get(id).position(11),
            Position { line: 2, column: 1 }
        );
        assert_eq!(
            sources.get(id).position(16),
            Position { line: 2, column: 5 }
        );
    }

    #[test]
    fn a_column_deep_in_a_long_line_is_right() {
        let mut sources = Sources::new();
        let text = "é".repeat(50_000);
        let id = sources.add("a.yaml", text.as_str());
        assert_eq!(sources.get(id).position(80_000).column, 40_001);
        assert_eq!(sources.get(id).position(100_000).column, 50_001);
    }

    #[test]
    fn a_line_range_leaves_the_line_break_out() {
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", "a: 1\r\nb: 2\n");
        let file = sources.get(id);
        assert_eq!(file.line_range(1), 0..4);
        assert_eq!(file.line_range(2), 6..10);
        assert_eq!(file.line_range(3), 11..11);
        assert_eq!(file.line_range(9), 11..11);
    }

    #[test]
    fn files_of_two_runs_stand_side_by_side_and_the_same_file_once() {
        let mut all = Sources::new();
        all.add("a.yaml", "a: 1");
        all.add("shared.yaml", "b: 1");
        let mut other = Sources::new();
        other.add("b.yaml", "c: 1");
        other.add("shared.yaml", "b: 1");
        other.add("a.yaml", "changed meanwhile");
        let ids = all.take_in(other);
        let names: Vec<_> = all.iter().map(|(_, file)| file.name()).collect();
        assert_eq!(names, ["a.yaml", "shared.yaml", "b.yaml", "a.yaml"]);
        let at: Vec<_> = ids.iter().map(|id| id.index()).collect();
        assert_eq!(at, [2, 1, 3]);
    }

    #[test]
    fn the_end_of_an_empty_file_has_a_position() {
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", "");
        assert_eq!(sources.get(id).position(0), Position { line: 1, column: 1 });
    }
}
