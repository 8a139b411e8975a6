//! JUnit, judged by the schema that Jenkins holds reports to, and read back.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Reports, str_of};
use crate::part;

/// Prints what a report holds once the schema has nothing against it.
const READER: &str = "
import json, sys, xmlschema
import xml.etree.ElementTree as tree
xmlschema.XMLSchema(sys.argv[1]).validate(sys.argv[2])
root = tree.parse(sys.argv[2]).getroot()
print(json.dumps({'suites': [{
    **suite.attrib,
    'cases': [{
        'name': case.attrib['name'],
        'failure': [case.find('failure').attrib['message'], case.findtext('failure')] if case.find('failure') is not None else None,
        'out': case.findtext('system-out'),
    } for case in suite],
} for suite in root], **root.attrib}))
";

/// What the reader makes of a report, or what it has against it.
fn read(folder: &Path, report: &str) -> Option<Result<Value, String>> {
    let mut python = part::python_code("xmlschema", "xmlschema", READER)?;
    let file = folder.join("judged.xml");
    fs::write(&file, report).unwrap();
    python.arg(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/reports/junit-10.xsd"
    ));
    let told = python.arg(file).output().unwrap();
    Some(match told.status.success() {
        true => Ok(serde_json::from_slice(&told.stdout).unwrap()),
        false => Err(String::from_utf8_lossy(&told.stderr).into_owned()),
    })
}

/// A text as XML can hold it.
fn held(text: &str) -> String {
    let odd = |c: char| (c.is_control() && !"\t\n\r".contains(c)) || c == '\u{FFFE}';
    text.chars()
        .map(|c| if odd(c) { '\u{FFFD}' } else { c })
        .collect()
}

#[test]
fn junit_reports_are_what_the_schema_of_jenkins_says_and_add_up() {
    let reports = Reports::new();
    for text in reports.all("junit") {
        let Some(read) = read(reports.path(), &text) else {
            return;
        };
        let read = read.unwrap();
        let suites = read["suites"].as_array().unwrap();
        let (mut tests, mut failures) = (0, 0);
        for suite in suites {
            let cases = suite["cases"].as_array().unwrap();
            let failed = cases
                .iter()
                .filter(|case| !case["failure"].is_null())
                .count();
            assert_eq!(str_of(suite, "/tests"), cases.len().to_string());
            assert_eq!(str_of(suite, "/failures"), failed.to_string());
            tests += cases.len();
            failures += failed;
        }
        assert!(tests > 0, "{text}");
        assert_eq!(str_of(&read, "/tests"), tests.to_string());
        assert_eq!(str_of(&read, "/failures"), failures.to_string());
    }
}

#[test]
fn what_is_read_of_a_junit_report_is_what_was_found() {
    let reports = Reports::new();
    let Some(read) = read(reports.path(), &reports.rich("junit")) else {
        return;
    };
    let read = read.unwrap();
    let suites = read["suites"].as_array().unwrap().iter();
    let cases = suites.flat_map(|suite| {
        let cases = suite["cases"].as_array().unwrap().iter();
        cases.map(|case| (str_of(suite, "/name"), case))
    });
    let cases: Vec<(&str, &Value)> = cases.collect();
    let findings = reports.findings();
    assert_eq!(cases.len(), findings.len());
    for ((suite, case), finding) in cases.into_iter().zip(findings) {
        assert_eq!(suite, str_of(&finding, "/primary/location/file"));
        assert!(
            str_of(case, "/name").starts_with(str_of(&finding, "/rule")),
            "{case}"
        );
        let message = held(str_of(&finding, "/message"));
        match case["failure"].as_array() {
            Some(failure) => assert_eq!(failure[0], message.as_str()),
            None => assert!(str_of(case, "/out").starts_with(&message), "{case}"),
        }
    }
}

#[test]
fn the_schema_of_junit_refuses_broken_reports() {
    let reports = Reports::new();
    let report = reports.rich("junit");
    for (ours, wrong) in [
        ("<testcase name=", "<testcase title="),
        ("<failure ", "<fault "),
        ("</testsuites>", "</testsuites><testsuites/>"),
        ("&lt;", "<"),
        ("\u{FFFD}", "\u{7}"),
        (" errors=\"0\">\n    <testcase", ">\n    <testcase"),
    ] {
        let broken = report.replace(ours, wrong);
        assert_ne!(broken, report, "{ours}");
        let told = read(reports.path(), &broken);
        assert!(told.is_none_or(|told| told.is_err()), "{wrong}");
    }
}
