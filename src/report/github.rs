//! Workflow commands of GitHub Actions: each finding is an annotation on its line.

use std::io::{self, Write};

use super::Report;
use super::human::printable;
use super::place::place;
use crate::syntax::finding::{Finding, Severity};

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.findings() {
        let place = place(report.sources, finding.span());
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warn => "warning",
            Severity::Info => "notice",
        };
        let mut properties = format!("file={},line={}", property(place.file), place.start.line);
        properties.push_str(&format!(",endLine={}", place.end.line));
        // Columns are only understood where both ends are in one line.
        if place.start.line == place.end.line {
            properties.push_str(&format!(
                ",col={},endColumn={}",
                place.start.column, place.end.column
            ));
        }
        let title = property(finding.rule.as_str());
        writeln!(
            out,
            "::{command} {properties},title={title}::{}",
            data(&printable(&message(report, finding)))
        )?;
    }
    match report.hidden() {
        0 => Ok(()),
        hidden => writeln!(
            out,
            "::notice title=msarch::{} of {} findings are shown",
            report.findings().len(),
            report.findings().len() + hidden
        ),
    }
}

fn message(report: &Report<'_>, finding: &Finding) -> String {
    let mut text = finding.message.clone();
    for label in &finding.labels {
        let place = place(report.sources, label.span);
        text.push_str(&format!(
            "\n{}:{}: {}",
            place.file, place.start.line, label.text
        ));
    }
    if let Some(why) = report.why(finding) {
        text.push_str("\nwhy: ");
        text.push_str(why);
    }
    if let Some(help) = &finding.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    text
}

/// Escapes what stands behind `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
