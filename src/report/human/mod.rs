//! For people: the lines of the file, the places in them, and what to do. Only this room knows miette.

mod excerpt;
mod suggestion;

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Write};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters,
    ThemeStyles,
};
use textwrap::WordSplitter;

pub use self::excerpt::printable;
use self::excerpt::{Excerpt, Files};
use super::{Counts, Report};
use crate::syntax::finding::{Finding, Severity};

/// How the terminal is. Whoever calls knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// How many columns there are.
    pub width: usize,
    /// Whether there may be colours.
    pub color: bool,
    /// Whether lines may be drawn with more than ASCII.
    pub unicode: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            width: 80,
            color: false,
            unicode: true,
        }
    }
}

pub(super) fn write(report: &Report<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let files = Files::new(report.sources);
    let mut explained = BTreeSet::new();
    for finding in report.findings() {
        let view = View::new(finding, &files);
        let mut text = String::new();
        handler(finding, look)
            .render_report(&mut text, &view)
            .map_err(io::Error::other)?;
        writeln!(out, "{}", text.trim_end())?;
        // Once for all findings of a rule.
        if explained.insert(finding.rule)
            && let Some(why) = report.why(finding)
        {
            writeln!(out, "{}", reason(why, look))?;
        }
        writeln!(out, "{}", suggestion::shown(finding, report, look))?;
    }
    writeln!(out, "{}", summary(report))
}

/// Why it matters, as wide as what stands above it.
fn reason(why: &str, look: Look) -> String {
    let options = textwrap::Options::new(width(look))
        .initial_indent("  why: ")
        .subsequent_indent("       ")
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(why, options)
}

fn width(look: Look) -> usize {
    look.width.clamp(40, 200)
}

/// The last line: how much there is to do.
fn summary(report: &Report<'_>) -> String {
    let Counts {
        errors,
        warnings,
        infos,
    } = report.counts();
    let parts: Vec<String> = [(errors, "error"), (warnings, "warning"), (infos, "remark")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| plural(count, word))
        .collect();
    let files = plural(report.sources.iter().count(), "file");
    let known = match report.known {
        0 => String::new(),
        known => format!(", {known} in the baseline"),
    };
    if parts.is_empty() {
        return format!("no findings in {files}{known}");
    }
    let shown = match report.hidden() {
        0 => String::new(),
        _ => format!(", {} of them shown", report.findings().len()),
    };
    format!(
        "{} in {files}{shown}{known}; `msarch explain RULE` tells more of a rule",
        parts.join(", ")
    )
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

fn handler(finding: &Finding, look: Look) -> GraphicalReportHandler {
    let mut characters = if look.unicode {
        ThemeCharacters::unicode()
    } else {
        ThemeCharacters::ascii()
    };
    let mark = match finding.severity {
        Severity::Error => &mut characters.error,
        Severity::Warn => &mut characters.warning,
        Severity::Info => &mut characters.advice,
    };
    // The severity and the rule stand before the message, where miette has a sign.
    *mark = format!("{}[{}]:", word(finding.severity), finding.rule);
    let styles = if look.color {
        ThemeStyles::ansi()
    } else {
        ThemeStyles::none()
    };
    GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
        .with_width(width(look))
        .with_links(false)
        // A name with a hyphen is one word: broken, it cannot be found in the file.
        .with_word_splitter(WordSplitter::NoHyphenation)
        .without_syntax_highlighting()
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warning",
        Severity::Info => "info",
    }
}

/// A finding as miette wants it.
#[derive(Debug)]
struct View<'a> {
    message: String,
    help: Option<String>,
    severity: miette::Severity,
    labels: Vec<LabeledSpan>,
    excerpt: Excerpt<'a>,
}

impl<'a> View<'a> {
    fn new(finding: &Finding, files: &'a Files<'a>) -> Self {
        let excerpt = Excerpt::new(finding, files);
        let label = |span, text: &str| {
            let text = Some(excerpt::printable(text).into_owned()).filter(|text| !text.is_empty());
            (text, excerpt.locate(span))
        };
        let (text, at) = label(finding.span(), &finding.primary.text);
        let mut labels = vec![LabeledSpan::new_primary_with_span(text, at)];
        labels.extend(finding.labels.iter().map(|other| {
            let (text, at) = label(other.span, &other.text);
            LabeledSpan::new_with_span(text, at)
        }));
        Self {
            message: excerpt::printable(&finding.message).into_owned(),
            help: finding
                .help
                .as_deref()
                .map(|help| excerpt::printable(help).into_owned()),
            severity: match finding.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warn => miette::Severity::Warning,
                Severity::Info => miette::Severity::Advice,
            },
            labels,
            excerpt,
        }
    }
}

impl fmt::Display for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for View<'_> {}

impl Diagnostic for View<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'h>(&'h self) -> Option<Box<dyn fmt::Display + 'h>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
