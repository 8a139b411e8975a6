//! SARIF 2.1.0 (OASIS), as code scanning reads it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::fingerprints::fingerprints;
use super::place::{place, uri_path};
use super::{Report, RuleInfo};
use crate::syntax::finding::{Finding, Severity};
use crate::syntax::source::{Sources, Span};
use crate::syntax::suggestion::Edit;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let index = rules_named(report);
    let rules: Vec<Json> = index.values().map(rule).collect();
    let at: BTreeMap<&str, usize> = index.keys().enumerate().map(|(i, id)| (*id, i)).collect();
    let results: Vec<Json> = report
        .findings()
        .iter()
        .zip(fingerprints(report))
        .map(|(finding, print)| {
            let rule = at.get(finding.rule.as_str()).copied();
            result(report.sources, finding, rule, &print)
        })
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The folder in which msarch ran."}}},
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// The rules that findings name, by id; of one that we were told nothing of, the id.
fn rules_named<'a>(report: &'a Report<'_>) -> BTreeMap<&'a str, RuleInfo<'a>> {
    let known: BTreeMap<&str, RuleInfo<'a>> =
        report.rules.iter().map(|rule| (rule.id, *rule)).collect();
    report
        .findings()
        .iter()
        .map(|finding| {
            let id = finding.rule.as_str();
            (
                id,
                known.get(id).copied().unwrap_or(RuleInfo {
                    id,
                    summary: id,
                    page: "",
                }),
            )
        })
        .collect()
}

fn rule(rule: &RuleInfo<'_>) -> Json {
    let mut json = json!({
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
    });
    if !rule.page.is_empty() {
        json["help"] = json!({"text": rule.page, "markdown": rule.page});
    }
    json
}

fn result(sources: &Sources, finding: &Finding, rule_index: Option<usize>, print: &str) -> Json {
    let mut text = finding.message.clone();
    if let Some(help) = &finding.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    let mut result = json!({
        "ruleId": finding.rule.as_str(),
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": physical(sources, finding.span())}],
        "partialFingerprints": {"msarch/v1": print},
    });
    if let Some(index) = rule_index {
        result["ruleIndex"] = index.into();
    }
    if let Some(edits) = finding.edits(sources) {
        result["fixes"] = json!([{"artifactChanges": changes(sources, &edits)}]);
    }
    if !finding.labels.is_empty() {
        let related = finding.labels.iter().enumerate().map(|(id, label)| {
            json!({
                "id": id + 1,
                "message": {"text": label.text},
                "physicalLocation": physical(sources, label.span),
            })
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

/// Edits, file by file.
fn changes(sources: &Sources, edits: &[Edit]) -> Vec<Json> {
    let files = edits.chunk_by(|a, b| a.span.source == b.span.source);
    let change = |edits: &[Edit]| {
        let replacements = edits.iter().map(|edit| {
            json!({
                "deletedRegion": region(sources, edit.span),
                "insertedContent": {"text": edit.text},
            })
        });
        json!({
            "artifactLocation": artifact(sources.get(edits[0].span.source).name()),
            "replacements": replacements.collect::<Vec<_>>(),
        })
    };
    files.map(change).collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warn => "warning",
        Severity::Info => "note",
    }
}

fn physical(sources: &Sources, span: Span) -> Json {
    json!({
        "artifactLocation": artifact(sources.get(span.source).name()),
        "region": region(sources, span),
    })
}

fn artifact(file: &str) -> Json {
    if file.starts_with('/') {
        json!({"uri": format!("file://{}", uri_path(file))})
    } else {
        json!({"uri": uri_path(file), "uriBaseId": "SRCROOT"})
    }
}

fn region(sources: &Sources, span: Span) -> Json {
    let place = place(sources, span);
    json!({
        "startLine": place.start.line,
        "startColumn": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
    })
}
