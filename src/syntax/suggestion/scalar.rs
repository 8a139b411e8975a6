//! Words and values in the place of others.

use super::super::source::{Sources, Span};
use super::Edit;

/// Another word in the place of `was`, which stands there in quotes or without.
pub(super) fn word(span: Span, was: &str, now: &str, sources: &Sources) -> Option<Edit> {
    let there = sources.text(span);
    let quoted = ['"', '\''].into_iter().find(|quote| {
        let inner = there
            .strip_prefix(*quote)
            .and_then(|rest| rest.strip_suffix(*quote));
        inner == Some(was)
    });
    // In quotes nothing of it may need an escape, without them nothing may mean something else.
    let text = match quoted {
        Some(quote) if !now.contains([quote, '\\', '\n']) => format!("{quote}{now}{quote}"),
        None if there == was && is_plain(now) => now.to_owned(),
        _ => return None,
    };
    Some(Edit { span, text })
}

/// A value without quotes in the place of a scalar that ends in the line where it begins.
pub(super) fn value(span: Span, now: &str, sources: &Sources) -> Option<Edit> {
    let there = sources.text(span);
    let one_line = !there.is_empty() && !there.contains('\n');
    let collection = there.starts_with(['[', '{', '|', '>', '&', '*', '!']);
    (one_line && !collection && is_plain(now)).then(|| Edit {
        span,
        text: now.to_owned(),
    })
}

/// Whether a text means itself in every place of YAML.
fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
}
