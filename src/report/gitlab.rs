//! The Code Quality report of GitLab.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::fingerprints::fingerprints;
use super::place::place;
use super::{Report, lines};
use crate::syntax::finding::Severity;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let issues: Vec<Json> = report
        .findings()
        .iter()
        .zip(fingerprints(report))
        .map(|(finding, fingerprint)| {
            let place = place(report.sources, finding.span());
            let description = match &finding.help {
                Some(help) => format!("{}; help: {help}", finding.message),
                None => finding.message.clone(),
            };
            json!({
                "description": description,
                "check_name": finding.rule.as_str(),
                "fingerprint": fingerprint,
                "severity": match finding.severity {
                    Severity::Error => "critical",
                    Severity::Warn => "minor",
                    Severity::Info => "info",
                },
                "location": {
                    "path": place.file,
                    "lines": {"begin": place.start.line, "end": place.end.line},
                },
            })
        })
        .collect();
    lines::write(out, &issues, 1)
}
