//! Our own JSON. Its structs stand for themselves, so that changes within never change what scripts read: keys are only
//! added, and anything else is a new `version`.

use std::io::{self, Write};

use serde::Serialize;

use super::fingerprints::fingerprints;
use super::place::place;
use super::{Report, lines};
use crate::syntax::finding::Finding;
use crate::syntax::source::{Sources, Span};

/// The whole report, version 1.
#[derive(Debug, Serialize)]
pub struct JsonReport<'a> {
    /// The version of this form: 1.
    pub version: u32,
    /// Who wrote it.
    pub tool: JsonTool,
    /// How many findings there are.
    pub summary: JsonSummary,
    /// The findings, by file, place and rule.
    pub findings: Vec<JsonFinding<'a>>,
}

/// The tool.
#[derive(Debug, Serialize)]
pub struct JsonTool {
    /// `msarch`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// How many findings there are of each severity.
#[derive(Debug, Serialize)]
pub struct JsonSummary {
    /// Of severity `error`.
    pub errors: usize,
    /// Of severity `warn`.
    pub warnings: usize,
    /// Of severity `info`.
    pub infos: usize,
    /// How many of them are in this report: fewer where `--max-findings` says so.
    pub shown: usize,
    /// How many more a baseline knows; they are neither counted nor shown.
    pub known: usize,
}

/// A finding.
#[derive(Debug, Serialize)]
pub struct JsonFinding<'a> {
    /// The rule's id.
    pub rule: &'a str,
    /// `error`, `warn` or `info`.
    pub severity: &'a str,
    /// What is wrong.
    pub message: &'a str,
    /// Why it matters, or null.
    pub why: Option<&'a str>,
    /// What to do, or null.
    pub help: Option<&'a str>,
    /// The names of what it is about.
    pub subjects: &'a [String],
    /// What could be written instead, where that needs no judgement; `--fix` writes it. Else null.
    pub suggestion: Option<JsonSuggestion<'a>>,
    /// What tells it from others, in this run and the next: lines that are added above it do not change it.
    pub fingerprint: String,
    /// Where it is wrong.
    pub primary: JsonLabel<'a>,
    /// Further places that matter.
    pub related: Vec<JsonLabel<'a>>,
}

/// What could be written instead: all edits, or none.
#[derive(Debug, Serialize)]
pub struct JsonSuggestion<'a> {
    /// The edits, in order; they do not overlap.
    pub edits: Vec<JsonEdit<'a>>,
}

/// A text in the place of another.
#[derive(Debug, Serialize)]
pub struct JsonEdit<'a> {
    /// What it takes the place of; may be empty.
    pub location: JsonLocation<'a>,
    /// The text; may be empty.
    pub text: String,
}

/// A place, and what it has to do with the finding.
#[derive(Debug, Serialize)]
pub struct JsonLabel<'a> {
    /// What it has to do with it; may be empty.
    pub text: &'a str,
    /// The place.
    pub location: JsonLocation<'a>,
}

/// A place. Lines and columns count from 1, columns in characters; bytes count from 0. The end is exclusive.
#[derive(Debug, Serialize)]
pub struct JsonLocation<'a> {
    /// The file, as the user named it.
    pub file: &'a str,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// The line of the end.
    pub end_line: usize,
    /// The column of the end.
    pub end_column: usize,
    /// The first byte.
    pub start_byte: u32,
    /// The byte after the last.
    pub end_byte: u32,
}

impl<'a> JsonLabel<'a> {
    fn new(sources: &'a Sources, span: Span, text: &'a str) -> Self {
        let location = JsonLocation::new(sources, span);
        Self { text, location }
    }
}

impl<'a> JsonLocation<'a> {
    fn new(sources: &'a Sources, span: Span) -> Self {
        let place = place(sources, span);
        Self {
            file: place.file,
            line: place.start.line,
            column: place.start.column,
            end_line: place.end.line,
            end_column: place.end.column,
            start_byte: span.start,
            end_byte: span.end,
        }
    }
}

impl<'a> JsonFinding<'a> {
    fn new(report: &'a Report<'_>, finding: &'a Finding, fingerprint: String) -> Self {
        let sources = report.sources;
        Self {
            rule: finding.rule.as_str(),
            severity: finding.severity.as_str(),
            message: &finding.message,
            why: report.why(finding),
            help: finding.help.as_deref(),
            subjects: &finding.subjects,
            suggestion: finding.edits(sources).map(|edits| JsonSuggestion {
                edits: edits
                    .into_iter()
                    .map(|edit| JsonEdit {
                        location: JsonLocation::new(sources, edit.span),
                        text: edit.text,
                    })
                    .collect(),
            }),
            fingerprint,
            primary: JsonLabel::new(sources, finding.span(), &finding.primary.text),
            related: finding
                .labels
                .iter()
                .map(|label| JsonLabel::new(sources, label.span, &label.text))
                .collect(),
        }
    }
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let counts = report.counts();
    let json = JsonReport {
        version: 1,
        tool: JsonTool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        },
        summary: JsonSummary {
            errors: counts.errors,
            warnings: counts.warnings,
            infos: counts.infos,
            shown: report.findings().len(),
            known: report.known,
        },
        findings: report
            .findings()
            .iter()
            .zip(fingerprints(report))
            .map(|(finding, print)| JsonFinding::new(report, finding, print))
            .collect(),
    };
    lines::write(out, &json, 2)
}
