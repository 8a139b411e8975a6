//! The lines that a finding shows, out of one file or several.
//!
//! miette takes all labels of a finding from one source. We lay the files that it names one behind the other and refuse
//! to read across their borders, so that each place is shown under the name of its own file. Lines are found by the
//! index of the file, and of a line of megabytes only the part around the place is shown.

use std::borrow::Cow;
use std::cell::OnceCell;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::syntax::finding::Finding;
use crate::syntax::source::{Source, SourceId, Sources, Span};

/// How much of a long line is shown on each side of the place.
const AROUND: usize = 60;

/// From how many bytes on a line is long.
const LONG: usize = 240;

/// All files with texts that a terminal may be given; only those are made that something is shown of.
#[derive(Debug)]
pub(super) struct Files<'a> {
    files: Vec<(&'a Source, OnceCell<Cow<'a, str>>)>,
}

impl<'a> Files<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        let files = sources.iter().map(|(_, source)| (source, OnceCell::new()));
        Self {
            files: files.collect(),
        }
    }

    fn get(&self, id: SourceId) -> Option<(&'a Source, &str)> {
        let (source, text) = self.files.get(id.index())?;
        let text = text.get_or_init(|| shown(source));
        Some((source, text))
    }
}

fn shown(source: &Source) -> Cow<'_, str> {
    match source.shown(0..source.text().len()).unwrap_or_default() {
        Cow::Borrowed(text) => printable(text),
        Cow::Owned(text) => Cow::Owned(printable(&text).into_owned()),
    }
}

/// A text without what would move the cursor, ring the bell or turn the writing round. Every such character becomes as
/// many question marks as it has bytes, so that places stay what they are.
pub fn printable(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    };
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            shown.extend(std::iter::repeat_n('?', c.len_utf8()));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// The files of one finding, one behind the other; the file of its primary place first.
#[derive(Debug)]
pub(super) struct Excerpt<'a> {
    parts: Vec<Part<'a>>,
}

#[derive(Debug)]
struct Part<'a> {
    id: SourceId,
    base: usize,
    source: &'a Source,
    text: &'a str,
}

impl<'a> Excerpt<'a> {
    pub(super) fn new(finding: &Finding, files: &'a Files<'a>) -> Self {
        let mut parts: Vec<Part<'a>> = Vec::new();
        let mut base = 0;
        for span in
            std::iter::once(finding.span()).chain(finding.labels.iter().map(|label| label.span))
        {
            let Some((source, text)) = files.get(span.source) else {
                continue;
            };
            if parts.iter().all(|part| part.id != span.source) {
                parts.push(Part {
                    id: span.source,
                    base,
                    source,
                    text,
                });
                base += text.len() + 2;
            }
        }
        Self { parts }
    }

    /// Where miette finds a place: cut to its first line, and to what is shown of a long one.
    pub(super) fn locate(&self, span: Span) -> SourceSpan {
        let Some(part) = self.parts.iter().find(|part| part.id == span.source) else {
            return (0, 0).into();
        };
        let start = (span.start as usize).min(part.text.len());
        let line = part.source.line_range(part.source.line(start));
        let end = (span.end as usize)
            .min(line.end.max(start))
            .min(start + LONG);
        let end = floor(part.text, end).max(start);
        (part.base + start, end - start).into()
    }

    fn part(&self, offset: usize) -> Option<&Part<'a>> {
        self.parts.iter().rev().find(|part| part.base <= offset)
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl Part<'_> {
    /// The bytes to show for a place, with so many lines before and behind.
    fn window(
        &self,
        start: usize,
        end: usize,
        before: usize,
        after: usize,
    ) -> Option<std::ops::Range<usize>> {
        let first = self.source.line(start);
        let last = self.source.line(end);
        if before == 0 && after == 0 {
            return Some(start..end);
        }
        let long = (first.saturating_sub(before).max(1)..=last + after)
            .any(|line| self.source.line_range(line).len() > LONG);
        if !long {
            let from = self
                .source
                .line_range(first.saturating_sub(before).max(1))
                .start;
            let to = self
                .source
                .line_range((last + after).min(self.source.line_count()))
                .end;
            return Some(from..to);
        }
        // Two places that are far from each other in long lines are shown one by one.
        if end - start > LONG {
            return None;
        }
        let from = start
            .saturating_sub(AROUND)
            .max(self.source.line_range(first).start);
        let to = (end + AROUND)
            .min(self.source.line_range(last).end)
            .max(end);
        Some(floor(self.text, from)..floor(self.text, to).max(end))
    }
}

impl SourceCode for Excerpt<'_> {
    fn read_span<'s>(
        &'s self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        let part = self.part(span.offset()).ok_or(MietteError::OutOfBounds)?;
        let start = span.offset() - part.base;
        let end = start + span.len();
        if end > part.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let range = part
            .window(start, end, before, after)
            .ok_or(MietteError::OutOfBounds)?;
        let position = part.source.position(range.start);
        let lines = part.source.line(range.end) - position.line;
        Ok(Box::new(MietteSpanContents::new_named(
            part.source.name().to_owned(),
            &part.text.as_bytes()[range.clone()],
            (part.base + range.start, range.len()).into(),
            position.line - 1,
            position.column - 1,
            lines,
        )))
    }
}
