//! One file: its text, the lines in it, and what of it nobody is shown.

use std::borrow::Cow;
use std::iter;
use std::ops::Range;

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
    pub(super) name: String,
    pub(super) text: String,
    line_starts: Vec<u32>,
    /// Characters before every `STRIDE`th byte, so that a column in a line of megabytes costs no walk through the line.
    chars_before: Vec<usize>,
    /// What nobody is shown, in no order.
    pub(super) hidden: Vec<Range<usize>>,
}

impl Source {
    pub(super) fn new(name: String, text: String) -> Self {
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
                shown.extend(iter::repeat_n('*', char.len_utf8()));
            } else {
                shown.push(char);
            }
        }
        Some(Cow::Owned(shown))
    }

    /// The texts that nobody is shown, as far as they touch a place.
    pub(super) fn hidden_at(&self, place: Range<usize>) -> impl Iterator<Item = &str> {
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
    pub fn line_range(&self, line: usize) -> Range<usize> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::source::{Sources, Span};

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
    fn the_end_of_an_empty_file_has_a_position() {
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", "");
        assert_eq!(sources.get(id).position(0), Position { line: 1, column: 1 });
    }
}
