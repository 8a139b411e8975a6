//! The Code Quality report of GitLab, held to what its documentation says of each field:
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::{Reports, str_of};

fn documented() -> Validator {
    let place = json!({
        "type": "object",
        "required": ["path", "lines"],
        "properties": {
            // Relative to the root of the repository, without `./`.
            "path": {"type": "string", "pattern": "^[^/.]"},
            "lines": {
                "type": "object",
                "required": ["begin"],
                "properties": {
                    "begin": {"type": "integer", "minimum": 1},
                    "end": {"type": "integer", "minimum": 1},
                },
                "additionalProperties": false,
            },
        },
        "additionalProperties": false,
    });
    let issue = json!({
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "location", "severity"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "location": place,
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
        },
        "additionalProperties": false,
    });
    jsonschema::validator_for(&json!({"type": "array", "items": issue})).unwrap()
}

/// What is against a report. GitLab reads no byte order mark, and takes findings of the same fingerprint for one.
fn faults(text: &str) -> Vec<String> {
    if text.starts_with('\u{FEFF}') {
        return vec!["a byte order mark".to_owned()];
    }
    let Ok(report) = serde_json::from_str::<Value>(text) else {
        return vec!["no JSON".to_owned()];
    };
    let schema = documented();
    let mut faults: Vec<String> = schema
        .iter_errors(&report)
        .map(|fault| fault.to_string())
        .collect();
    let mut seen = BTreeSet::new();
    for issue in report.as_array().into_iter().flatten() {
        if !seen.insert(issue["fingerprint"].to_string()) {
            faults.push(format!("twice: {}", issue["fingerprint"]));
        }
    }
    faults
}

#[test]
fn gitlab_reports_are_what_is_documented() {
    for text in Reports::new().all("gitlab") {
        assert_eq!(faults(&text), [""; 0], "{text}");
    }
}

#[test]
fn what_gitlab_reads_is_what_was_found() {
    let reports = Reports::new();
    let read: Vec<Value> = serde_json::from_str(&reports.rich("gitlab")).unwrap();
    let findings = reports.findings();
    assert_eq!(read.len(), findings.len());
    for (issue, finding) in read.iter().zip(&findings) {
        assert!(str_of(issue, "/description").starts_with(str_of(finding, "/message")));
        assert_eq!(
            issue["location"]["path"],
            finding["primary"]["location"]["file"]
        );
        assert_eq!(
            issue["location"]["lines"]["begin"],
            finding["primary"]["location"]["line"]
        );
    }
}

#[test]
fn broken_reports_for_gitlab_are_refused() {
    let report = Reports::new().rich("gitlab");
    let twice = |text: &str| {
        let mut issues: Vec<Value> = serde_json::from_str(text).unwrap();
        issues[1]["fingerprint"] = issues[0]["fingerprint"].clone();
        serde_json::to_string(&issues).unwrap()
    };
    for broken in [
        report.replace("\"critical\"", "\"error\""),
        report.replace("\"path\": \"a", "\"path\": \"./a"),
        report.replace("\"begin\": 3", "\"begin\": 0"),
        report.replace("\"check_name\"", "\"check\""),
        format!("\u{FEFF}{report}"),
        format!("{{\"issues\": {report}}}"),
        twice(&report),
    ] {
        assert!(!faults(&broken).is_empty(), "{broken}");
    }
}
