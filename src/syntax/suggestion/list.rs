//! What leaves a list: an item, and a rule in a comment.

use super::super::source::{Source, Sources, Span};
use super::Edit;

/// An item, with the comma or the line that is there for it alone.
pub(super) fn item(span: Span, sources: &Sources) -> Option<Edit> {
    let source = sources.get(span.source);
    let (before, after) = around(source, span)?;
    if before.trim() == "-" && after.trim().is_empty() {
        return whole_lines(source, span);
    }
    without_comma(span, before, after, ['[', ']'])
}

/// A rule in the parentheses of a comment; with the last one the comment goes.
pub(super) fn allowed(span: Span, sources: &Sources) -> Option<Edit> {
    let source = sources.get(span.source);
    let (before, after) = around(source, span)?;
    let alone = before.trim_end().ends_with('(') && after.trim_start().starts_with(')');
    if !alone {
        return without_comma(span, before, after, ['(', ')']);
    }
    let hash = before.rfind('#')?;
    let kept = before[..hash].trim_end();
    if kept.is_empty() {
        return whole_lines(source, span);
    }
    let from = span.start as usize - before.len() + kept.len();
    Some(edit(span, from, span.end as usize + after.len()))
}

/// What stands before and after a span in its line; none where it is longer than a line.
fn around(source: &Source, span: Span) -> Option<(&str, &str)> {
    let (start, end) = (span.start as usize, span.end as usize);
    let line = source.line_range(source.line(start));
    (end <= line.end).then_some(())?;
    Some((
        source.text().get(line.start..start)?,
        source.text().get(end..line.end)?,
    ))
}

fn without_comma(span: Span, before: &str, after: &str, [open, close]: [char; 2]) -> Option<Edit> {
    let (start, end) = (span.start as usize, span.end as usize);
    let head = before.trim_end();
    let tail = after.trim_start();
    if !head.ends_with([open, ',']) || !tail.starts_with([close, ',']) {
        return None;
    }
    if let Some(rest) = tail.strip_prefix(',') {
        return Some(edit(
            span,
            start,
            end + after.len() - rest.trim_start().len(),
        ));
    }
    let head = head.strip_suffix(',').unwrap_or(head);
    Some(edit(span, start - before.len() + head.len(), end))
}

/// The line of a span, with its end; where the last line has none, with that of the line before.
fn whole_lines(source: &Source, span: Span) -> Option<Edit> {
    let line = source.line(span.start as usize);
    let (range, next) = (source.line_range(line), source.line_range(line + 1));
    Some(if line < source.line_count() {
        edit(span, range.start, next.start)
    } else {
        let before = source.line_range(line.checked_sub(1)?);
        edit(span, before.end, range.end)
    })
}

fn edit(span: Span, from: usize, to: usize) -> Edit {
    Edit {
        span: Span::new(span.source, from, to),
        text: String::new(),
    }
}
