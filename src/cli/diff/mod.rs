//! `msarch diff`: what changed between two versions of an architecture, whom it breaks, and in which order to deploy it.

mod json;

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::older::{self, Place};
use super::terminal::{ColorChoice, look};
use super::{Error, Outcome};
use crate::graph::evolution::changes::{Area, Change, Kind, Rollout, changes, rollout};
use crate::report::Look;

/// Show what changed, whom it breaks, and in which order to deploy it
///
/// Compares services, owned data, operations, calls, events with their schemas, sagas and routes by what they mean to others, and everything
/// else that the file says key by key. A version is a file, a folder that holds
/// an architecture.yaml, or git:REF, which is the same file as it stood at that commit (git:REF:FILE for another file).
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The version before: FILE, DIR, git:REF or git:REF:FILE
    #[arg(value_name = "OLD")]
    old: String,
    /// The version now, likewise
    #[arg(default_value = ".", value_name = "NEW")]
    new: String,
    /// How to report
    #[arg(long, value_enum, default_value_t = Shape::Human)]
    format: Shape,
}

const EXAMPLES: &str = "\
Examples:
  msarch diff git:main                          the architecture.yaml of this folder since main
  msarch diff git:v1.2 shop.yaml
  msarch diff git:v1.2 git:v1.3                 between two releases
  msarch diff old.yaml new.yaml
  msarch diff git:main --format json | jq '.changes[] | select(.breaking)'

Events are held to their `compatibility`: where other teams take them, both sides must read each other while only one is deployed.
`msarch validate --against git:main` finds the same breaking events, on the lines of the file. An operation is known to its callers by method
and path: under another name it breaks nobody.

Exit codes: 0 nothing breaks, 1 something breaks, 2 could not work.";

/// A form of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// For people
    Human,
    /// Version 1 of our own JSON
    Json,
}

impl Arguments {
    pub(super) fn run(&self, color: ColorChoice, out: &mut dyn Write) -> Result<Outcome, Error> {
        let (before, now) = (Place::of(&self.old), Place::of(&self.new));
        let old = older::one(&self.old, now.path().unwrap_or("."))?;
        let new = older::one(&self.new, before.path().unwrap_or("."))?;
        let changes = changes(&old, &new);
        let told = Told {
            system: new.model.system.name.as_str(),
            old: &self.old,
            new: &self.new,
            rollout: rollout(&changes),
            changes,
        };
        match self.format {
            Shape::Human => told.human(look(color), out),
            Shape::Json => told.json(out),
        }
        .map_err(Error::Output)?;
        Ok(if told.changes.iter().any(Change::breaks) {
            Outcome::Findings
        } else {
            Outcome::Clean
        })
    }
}

/// What there is to tell.
struct Told<'a> {
    system: &'a str,
    old: &'a str,
    new: &'a str,
    changes: Vec<Change>,
    rollout: Rollout,
}

impl Told<'_> {
    fn breaking(&self) -> usize {
        self.changes.iter().filter(|change| change.breaks()).count()
    }

    fn human(&self, look: Look, out: &mut dyn Write) -> io::Result<()> {
        let mut area: Option<Area> = None;
        for change in &self.changes {
            if area != Some(change.area) {
                if area.is_some() {
                    writeln!(out)?;
                }
                writeln!(out, "{}", bold(change.area.as_str(), look))?;
                area = Some(change.area);
            }
            tell(change, look, out)?;
        }
        self.deploy(look, out)?;
        if !self.changes.is_empty() {
            writeln!(out)?;
        }
        writeln!(out, "{}", self.summary())
    }

    fn deploy(&self, look: Look, out: &mut dyn Write) -> io::Result<()> {
        let Rollout { stages, stuck } = &self.rollout;
        if stages.is_empty() && stuck.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{}", bold("deploy in this order", look))?;
        for (at, stage) in stages.iter().enumerate() {
            wrapped(&format!("  {}. ", at + 1), &stage.join(", "), look, out)?;
        }
        if !stuck.is_empty() {
            let text = format!(
                "{} wait for each other: make these changes in more than one release",
                stuck.join(", ")
            );
            wrapped("  ", &text, look, out)?;
        }
        Ok(())
    }

    fn summary(&self) -> String {
        let subject = match self.system {
            "" => String::new(),
            system => format!("{system}: "),
        };
        match (self.changes.len(), self.breaking()) {
            (0, _) => format!("{subject}no change since {}", self.old),
            (count, 0) => format!(
                "{subject}{} since {}, nothing breaks",
                plural(count),
                self.old
            ),
            (count, breaking) => format!(
                "{subject}{} since {}, {breaking} of them breaking",
                plural(count),
                self.old
            ),
        }
    }
}

fn plural(count: usize) -> String {
    format!("{count} change{}", if count == 1 { "" } else { "s" })
}

fn tell(change: &Change, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let sign = match (change.breaks(), change.kind) {
        (true, _) => "!",
        (false, Kind::Added) => "+",
        (false, Kind::Removed) => "-",
        (false, Kind::Changed) => "~",
    };
    let sign = if change.breaks() {
        bold(sign, look)
    } else {
        sign.to_owned()
    };
    let text = format!("{} {}", change.subject, change.what);
    wrapped(&format!("  {sign} "), &text, look, out)?;
    if change.breaks() {
        let hurt: Vec<String> = change.hurts.iter().map(ToString::to_string).collect();
        wrapped("      breaks ", &hurt.join(", "), look, out)?;
    }
    if let Some(order) = &change.order {
        let text = format!(
            "{} before {}",
            order.first.join(", "),
            order.then.join(", ")
        );
        wrapped("      deploy ", &text, look, out)?;
    }
    if let Some(advice) = &change.advice {
        wrapped("      ", advice, look, out)?;
    }
    Ok(())
}

/// Text in the width of the terminal; later lines are set in below the first. Control characters of names stay out.
fn wrapped(head: &str, text: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let text: String = text
        .chars()
        .map(|char| if char.is_control() { '\u{fffd}' } else { char })
        .collect();
    let options = textwrap::Options::new(look.width)
        .initial_indent(head)
        .subsequent_indent("        ")
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false);
    for line in textwrap::wrap(&text, options) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn bold(text: &str, look: Look) -> String {
    if look.color {
        format!("\u{1b}[1m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
