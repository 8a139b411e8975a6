//! The Code Quality report of GitLab.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::Report;
use super::place::place;
use crate::syntax::finding::Severity;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let issues: Vec<Json> = report
        .findings()
        .iter()
        .map(|finding| {
            let place = place(report.sources, finding.span());
            // Without the line, so that a finding stays the same when lines are added above it.
            let key = format!("{}\0{}\0{}", finding.rule, place.file, finding.message);
            let nth = seen
                .entry(key.clone())
                .and_modify(|nth| *nth += 1)
                .or_insert(0);
            let description = match &finding.help {
                Some(help) => format!("{}; help: {help}", finding.message),
                None => finding.message.clone(),
            };
            json!({
                "description": description,
                "check_name": finding.rule.as_str(),
                "fingerprint": fingerprint(&format!("{key}\0{nth}")),
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
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn fingerprint(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
