//! Aligned tables, and the lines below them that tell what is in their columns.

use std::io::{self, Write};

use textwrap::core::display_width;
use textwrap::{Options, WordSplitter};

use crate::report::{Look, printable};

/// A column: its head, and what stands in it.
pub(super) struct Column {
    /// Its head.
    pub(super) head: &'static str,
    /// Whether it begins at its left edge; numbers end at their right one.
    pub(super) left: bool,
    /// What it tells, and what is high; nothing where the head says it.
    pub(super) meaning: String,
}

/// A column of numbers.
pub(super) fn number(head: &'static str, meaning: impl Into<String>) -> Column {
    Column {
        head,
        left: false,
        meaning: meaning.into(),
    }
}

/// A column of words.
pub(super) fn word(head: &'static str, meaning: impl Into<String>) -> Column {
    Column {
        left: true,
        ..number(head, meaning)
    }
}

/// A heading.
pub(super) fn heading(title: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if look.color {
        writeln!(out, "\u{1b}[1m{title}\u{1b}[0m")
    } else {
        writeln!(out, "{title}")
    }
}

/// A table under its heading, and what its columns mean. Rows are cut to the first `most`.
pub(super) fn table(
    title: &str,
    columns: &[Column],
    rows: &[Vec<String>],
    most: usize,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    heading(title, look, out)?;
    let shown: Vec<Vec<String>> = rows
        .iter()
        .take(most)
        .map(|row| row.iter().map(|cell| plain(cell)).collect())
        .collect();
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let cells = shown.iter().map(|row| display_width(&row[at]));
            cells.chain([display_width(column.head)]).max().unwrap_or(0)
        })
        .collect();
    let heads: Vec<String> = columns.iter().map(|it| it.head.to_owned()).collect();
    for row in std::iter::once(&heads).chain(&shown) {
        let mut line = String::new();
        for ((cell, column), width) in row.iter().zip(columns).zip(&widths) {
            let gap = " ".repeat(width - display_width(cell));
            line.push_str("  ");
            line.push_str(&if column.left {
                format!("{cell}{gap}")
            } else {
                format!("{gap}{cell}")
            });
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    if rows.len() > most {
        let (shown, all) = (most, rows.len());
        writeln!(out, "  ({shown} of {all}; --all shows the others)")?;
    }
    let told = columns.iter().filter(|column| !column.meaning.is_empty());
    let meanings: Vec<(&str, &str)> = told
        .map(|column| (column.head, column.meaning.as_str()))
        .collect();
    writeln!(out)?;
    legend(&meanings, look, out)
}

/// Words with their meanings, these aligned and wrapped.
pub(super) fn legend(meanings: &[(&str, &str)], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let words = meanings.iter().map(|(word, _)| display_width(word));
    let width = words.max().unwrap_or(0);
    let indent = " ".repeat(width + 6);
    for (word, meaning) in meanings {
        let gap = " ".repeat(width - display_width(word));
        let first = format!("    {word}{gap}  ");
        let options = Options::new(look.width)
            .initial_indent(&first)
            .subsequent_indent(&indent)
            .word_splitter(WordSplitter::NoHyphenation);
        for line in textwrap::wrap(&plain(meaning), options) {
            writeln!(out, "{line}")?;
        }
    }
    if !meanings.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// A text of the file as one line that a terminal may be given.
pub(super) fn plain(text: &str) -> String {
    printable(text).replace(['\n', '\r', '\t'], " ")
}
