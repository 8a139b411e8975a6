//! JUnit XML: a suite per file, a failed case per finding, and a passed one where nothing was found.

use std::io::{self, Write};

use super::Report;
use super::place::place;
use crate::syntax::finding::{Finding, Severity};

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = report.findings();
    let hidden = usize::from(report.hidden() > 0);
    let failures = findings.iter().filter(|finding| fails(finding)).count() + hidden;
    let tests = (findings.len() + hidden).max(1);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="msarch" tests="{tests}" failures="{failures}" errors="0">"#
    )?;
    if hidden > 0 {
        let message = format!("{} further findings are not shown", report.hidden());
        writeln!(
            out,
            r#"  <testsuite name="msarch" tests="1" failures="1" errors="0">"#
        )?;
        writeln!(
            out,
            r#"    <testcase name="max-findings" classname="msarch"><failure message="{message}"/></testcase>"#
        )?;
        writeln!(out, "  </testsuite>")?;
    } else if findings.is_empty() {
        writeln!(
            out,
            r#"  <testsuite name="msarch" tests="1" failures="0" errors="0">"#
        )?;
        writeln!(out, r#"    <testcase name="validate" classname="msarch"/>"#)?;
        writeln!(out, "  </testsuite>")?;
    }
    for group in findings.chunk_by(|a, b| a.span().source == b.span().source) {
        let file = escape(report.sources.get(group[0].span().source).name());
        let failures = group.iter().filter(|finding| fails(finding)).count();
        writeln!(
            out,
            r#"  <testsuite name="{file}" tests="{}" failures="{failures}" errors="0">"#,
            group.len()
        )?;
        for finding in group {
            case(report, finding, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// Remarks are told, and fail nothing.
fn fails(finding: &Finding) -> bool {
    finding.severity > Severity::Info
}

fn case(report: &Report<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let place = place(report.sources, finding.span());
    let rule = escape(finding.rule.as_str());
    let at = escape(&format!(
        "{}:{}:{}",
        place.file, place.start.line, place.start.column
    ));
    writeln!(
        out,
        r#"    <testcase name="{rule} at {at}" classname="{rule}">"#
    )?;
    let message = escape(&finding.message);
    let line = |title: &str, text: Option<&str>| {
        text.map_or_else(String::new, |text| escape(&format!("\n{title}: {text}")))
    };
    let why = line("why", report.why(finding));
    let help = line("help", finding.help.as_deref());
    if fails(finding) {
        writeln!(
            out,
            r#"      <failure type="{}" message="{message}">{at}{why}{help}</failure>"#,
            finding.severity
        )?;
    } else {
        writeln!(out, "      <system-out>{message}{why}{help}</system-out>")?;
    }
    writeln!(out, "    </testcase>")
}

/// Escapes for text and attributes; what XML 1.0 cannot hold becomes the replacement character.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' => escaped.push_str("&#9;"),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}
