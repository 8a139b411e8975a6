//! `msarch explain`: the pages of the rules.

use std::io::{self, Write};

use clap::Args;

use super::terminal::{ColorChoice, look};
use super::{Error, Outcome};
use crate::rules::references::nearest::nearest;
use crate::rules::{Check, Family, RULES, Rule, find, levels};

/// Tell what a rule looks for, why, and what to do about it
///
/// Without a rule, lists them all.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The id of a rule
    rule: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  msarch explain
  msarch explain sync-cycle";

impl Arguments {
    pub(super) fn run(&self, color: ColorChoice, out: &mut dyn Write) -> Result<Outcome, Error> {
        let bold = look(color).color;
        let written = match &self.rule {
            None => list(bold, out),
            Some(id) => page(find(id).ok_or(id.as_str()).map_err(unknown)?, bold, out),
        };
        written.map(|()| Outcome::Clean).map_err(Error::Output)
    }
}

/// The error of a word that is no rule.
pub(super) fn unknown(word: &str) -> Error {
    let near = nearest(word, RULES.iter().map(|rule| rule.id.as_str())).map(str::to_owned);
    Error::UnknownRule {
        word: word.to_owned(),
        near,
    }
}

fn list(bold: bool, out: &mut dyn Write) -> io::Result<()> {
    let width = widest(|rule| rule.id.as_str().len());
    let grades = widest(|rule| graded(rule).len());
    for family in Family::ALL {
        writeln!(out, "{}", heading(family.as_str(), bold))?;
        for rule in RULES.iter().filter(|rule| rule.family == *family) {
            writeln!(
                out,
                "  {:width$}  {:grades$}  {}",
                rule.id.as_str(),
                graded(rule),
                rule.summary
            )?;
        }
        writeln!(out)?;
    }
    writeln!(
        out,
        "{} rules; `msarch explain RULE` tells more of one",
        RULES.len()
    )
}

fn widest(length: impl Fn(&Rule) -> usize) -> usize {
    let lengths = RULES.iter().map(|rule| length(rule));
    lengths.max().unwrap_or_default()
}

/// The levels of its findings, the usual one first.
fn graded(rule: &Rule) -> String {
    let levels = levels(rule);
    let words: Vec<&str> = levels.iter().map(|level| level.as_str()).collect();
    words.join(", ")
}

fn page(rule: &Rule, bold: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: {}", heading(rule.id.as_str(), bold), rule.summary)?;
    writeln!(out, "{}\n", facts(rule))?;
    for line in rule.docs.lines() {
        match line.strip_prefix("## ") {
            Some(title) => writeln!(out, "{}", heading(title, bold))?,
            None => writeln!(out, "{line}")?,
        }
    }
    Ok(())
}

/// Level, limit and whether they can be changed, in one line.
fn facts(rule: &Rule) -> String {
    let limit = match rule.check {
        Check::Limited { limit, .. } => format!(", limit {limit}"),
        _ => String::new(),
    };
    let fixed = if rule.required {
        ", cannot be lowered"
    } else {
        ""
    };
    format!(
        "family {}, level {}{limit}{fixed}",
        rule.family,
        graded(rule).replace(", ", " or ")
    )
}

fn heading(text: &str, bold: bool) -> String {
    if bold {
        format!("\u{1b}[1m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
