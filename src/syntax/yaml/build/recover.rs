//! Syntax errors: how they are told, and where reading is taken up again.

use granit_parser::{ErrorKind, ScanError};

use super::{Builder, End};
use crate::syntax::fault;
use crate::syntax::finding::Finding;

/// The start of the next line after `at` that looks like a top-level key.
pub(super) fn next_section(text: &str, at: usize) -> Option<usize> {
    let mut start = at + text.get(at..)?.find('\n')? + 1;
    loop {
        let line = text.get(start..)?;
        if line.is_empty() {
            return None;
        }
        let end = line.find('\n').map_or(line.len(), |i| i + 1);
        let word = line
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
            .count();
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) && line[word..].starts_with(':') {
            return Some(start);
        }
        start += end;
    }
}

impl Builder<'_> {
    pub(super) fn syntax_error(&mut self, error: &ScanError) -> End {
        let at = self.base + error.marker().byte_offset().unwrap_or(0);
        let at = at.min(self.text.len());
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            self.too_deep(self.char_at(at));
            return End::Limit;
        }
        let message = error.kind().to_string();
        let mut finding = Finding::error(fault::YAML_SYNTAX, self.char_at(at), message)
            .here("the reader stopped here");
        let help = syntax_help(error.kind()).map(str::to_owned);
        if let Some(help) = help.or_else(|| bare_brackets(self.text, at)) {
            finding = finding.help(help);
        }
        self.push(finding);
        End::Syntax { at }
    }
}

/// Brackets within a text that has no quotes and stands within others: `[GET /orders/{id}]`.
fn bare_brackets(text: &str, at: usize) -> Option<String> {
    let (before, rest) = text.split_at_checked(at)?;
    let (before, rest) = (before.rsplit('\n').next()?, rest.lines().next()?);
    let is_within = rest.starts_with(['{', '['])
        && before.ends_with(|c: char| !c.is_whitespace() && !"[{,:".contains(c));
    if !is_within {
        return None;
    }
    let start = before.rfind(['[', '{', ',']).map(|at| at + 1);
    let value = before.rfind(": ").map(|at| at + 1);
    let start = start.max(value).unwrap_or(0);
    let close = rest.find(['}', ']'])? + 1;
    let end = close + rest[close..].find([',', ']', '}']).unwrap_or(0);
    let word = format!("{}{}", &before[start..], &rest[..end]);
    Some(format!(
        "put quotes around a text with brackets in it: `\"{}\"`",
        word.trim()
    ))
}

fn syntax_help(kind: &ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation => "indent with spaces; YAML allows no tabs there",
        ErrorKind::MappingValueNotAllowed => {
            "put quotes around a text that holds `: `, and check the indentation"
        }
        ErrorKind::UnclosedQuotedScalar => "close the quotes",
        ErrorKind::UnclosedFlowCollection { .. } => "close the bracket",
        ErrorKind::SimpleKeyExpected => {
            "a line in a map is written `key: value`; check the indentation as well"
        }
        _ => return None,
    })
}
