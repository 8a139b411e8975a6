//! SARIF 2.1.0 (OASIS), as code scanning reads it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use serde_json::{Value as Json, json};

use super::fingerprints::fingerprints;
use super::place::{place, uri_path};
use super::{Report, RuleInfo, lines};
use crate::syntax::finding::{Finding, Severity};
use crate::syntax::source::{Sources, Span};
use crate::syntax::suggestion::Edit;

/// How many bytes of a file are repeated at most: of a file that is one line, every finding would hold all of it.
const EXCERPT: usize = 2_000;

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
    lines::write(out, &log, 4)
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
    let page = match rule.page {
        "" => rule.summary,
        page => page,
    };
    json!({
        "id": rule.id,
        "name": pascal(rule.id),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": described(rule)},
        "help": {"text": page, "markdown": page},
    })
}

/// What it is about, and why it matters.
fn described(rule: &RuleInfo<'_>) -> String {
    match rule.why() {
        Some(why) => format!("{} {why}", what(rule)),
        None => what(rule).to_owned(),
    }
}

/// `sync-cycle` as the "friendly name" of a rule is written: `SyncCycle`.
fn pascal(id: &str) -> String {
    let words = id.split('-').filter_map(|word| {
        let first = word.chars().next()?;
        Some(first.to_uppercase().chain(word.chars().skip(1)))
    });
    words.flatten().collect()
}

/// The first paragraph of a page, below its heading; where there is none, the summary.
fn what<'a>(rule: &RuleInfo<'a>) -> &'a str {
    let below = rule.page.split_once('\n').map_or("", |(_, below)| below);
    match below.trim_start().split("\n\n").next() {
        None | Some("") => rule.summary,
        Some(paragraph) => paragraph.trim_end(),
    }
}

fn result(sources: &Sources, finding: &Finding, rule_index: Option<usize>, print: &str) -> Json {
    let mut result = json!({
        "ruleId": finding.rule.as_str(),
        "level": level(finding.severity),
        "message": {"text": message(finding)},
        "locations": [{"physicalLocation": shown(sources, finding.span())}],
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

/// What is wrong, a link to each further place, and what to do. Who shows results shows further places only where the message
/// leads to them.
fn message(finding: &Finding) -> String {
    let mut text = finding.message.clone();
    for (id, label) in finding.labels.iter().enumerate() {
        let mut link = String::with_capacity(label.text.len());
        for c in label.text.chars() {
            if matches!(c, '[' | ']' | '\\') {
                link.push('\\');
            }
            link.push(c);
        }
        text.push_str(&format!("\n[{link}]({})", id + 1));
    }
    if let Some(help) = &finding.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    text
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

/// A place with what stands there and around it, for those who have no copy of the file.
fn shown(sources: &Sources, span: Span) -> Json {
    let mut json = physical(sources, span);
    let source = sources.get(span.source);
    let excerpt = |range: Range<usize>| {
        let text = source.shown(range)?;
        (text.len() <= EXCERPT).then_some(text)
    };
    if let Some(text) = excerpt(span.range()) {
        json["region"]["snippet"] = json!({"text": text});
    }
    let place = place(sources, span);
    let first = place.start.line.saturating_sub(1).max(1);
    let last = (place.end.line + 1).min(source.line_count());
    let around = source.line_range(first).start..source.line_range(last).end;
    if let Some(text) = excerpt(around) {
        json["contextRegion"] =
            json!({"startLine": first, "endLine": last, "snippet": {"text": text}});
    }
    json
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
