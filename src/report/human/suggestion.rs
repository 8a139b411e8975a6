//! A suggestion as the lines that it changes: as they are, and as they would be.

use super::excerpt::printable;
use super::{Look, Report};
use crate::syntax::finding::Finding;
use crate::syntax::suggestion::{Lines, lines};

/// How many places of one suggestion are shown.
const SHOWN: usize = 3;

/// From how many bytes on a line is too long to be shown twice.
const LONG: usize = 240;

/// The lines, each ended; nothing where there is no suggestion.
pub(super) fn shown(finding: &Finding, report: &Report<'_>, look: Look) -> String {
    let Some(edits) = finding.edits(report.sources) else {
        return String::new();
    };
    let changed = lines(&edits, report.sources);
    let short = |text: &String| text.len() <= LONG;
    if !changed
        .iter()
        .all(|lines| lines.before.iter().chain(&lines.after).all(short))
    {
        return String::new();
    }
    let mut text = String::from("  fix: `--fix` writes\n");
    for lines in changed.iter().take(SHOWN) {
        add(lines, look, &mut text);
    }
    match changed.len().saturating_sub(SHOWN) {
        0 => {}
        1 => text.push_str("       and 1 more place\n"),
        more => text.push_str(&format!("       and {more} more places\n")),
    }
    text
}

fn add(lines: &Lines, look: Look, text: &mut String) {
    let mut line = |number: usize, sign: char, color: u8, content: &str| {
        let content = printable(content);
        let body = format!("{sign} {content}");
        let body = body.trim_end();
        if look.color {
            text.push_str(&format!("  {number:>4} \u{1b}[{color}m{body}\u{1b}[0m\n"));
        } else {
            text.push_str(&format!("  {number:>4} {body}\n"));
        }
    };
    for (index, content) in lines.before.iter().enumerate() {
        line(lines.first + index, '-', 31, content);
    }
    for (index, content) in lines.after.iter().enumerate() {
        line(lines.first + index, '+', 32, content);
    }
}
