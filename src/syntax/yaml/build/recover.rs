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
        if let Some(help) = syntax_help(error.kind()) {
            finding = finding.help(help);
        }
        self.push(finding);
        End::Syntax { at }
    }
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
