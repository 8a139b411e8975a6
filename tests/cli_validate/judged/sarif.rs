//! SARIF, judged by the schema of the standard and by the validator of Microsoft, with the rules of the standard and those of GitHub's
//! code scanning.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Reports, str_of};
use crate::part;

/// What the validator would like and a report cannot have.
const BESIDE_THE_POINT: [(&str, &str, &str); 6] = [
    (
        "SARIF2002",
        "Note_Default",
        "messages are made of names, there is no list of them",
    ),
    (
        "SARIF2003",
        "Note_Default",
        "what is judged need not be under version control",
    ),
    (
        "SARIF2005",
        "Warning_ProvideToolnformationUri",
        "`msarch explain` tells, no page on the web",
    ),
    (
        "SARIF2009",
        "Note_UseConventionalRuleIds",
        "rules have names, no numbers",
    ),
    (
        "SARIF2012",
        "Note_ProvideMetadataForAllViolatedRules",
        "a report without findings tells of no rules",
    ),
    (
        "SARIF2012",
        "Note_ProvideHelpUri",
        "the page of a rule is in the report",
    ),
];

/// Leaves out the one rule that asks the network.
const POLICY: &str = r#"<Properties><Properties Key="SARIF2006.UrisShouldBeReachable.Options">
<Property Key="RuleEnabled" Value="Disabled" Type="Driver.RuleEnabledState" />
</Properties></Properties>"#;

/// What the schema has against a report. The validator leaves this to others: it reads over what it does not know.
fn against_the_schema(log: &Value) -> Option<Vec<String>> {
    let path = part::beside("sarif-multitool", "sarif-2.1.0.json")?;
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let faults = schema.iter_errors(log);
    Some(
        faults
            .map(|fault| format!("{} {fault}", fault.instance_path()))
            .collect(),
    )
}

/// What the validator has against a report: the ids of its rule and its message, and what they are about.
fn against_the_rules(folder: &Path, log: &str) -> Option<Vec<(String, String, String)>> {
    let mut tool = part::program("sarif-multitool", "@microsoft/sarif-multitool-linux")?;
    fs::write(folder.join("judged.sarif"), log).unwrap();
    fs::write(folder.join("policy.xml"), POLICY).unwrap();
    tool.current_dir(folder)
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
    tool.args([
        "validate",
        "judged.sarif",
        "-c",
        "policy.xml",
        "-o",
        "verdict.sarif",
    ]);
    tool.args([
        "--rule-kind",
        "Sarif;Ghas",
        "--level",
        "Error;Warning;Note",
        "--log",
        "ForceOverwrite",
    ]);
    let told = tool.output().unwrap();
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stdout)
    );
    let verdict = fs::read_to_string(folder.join("verdict.sarif")).unwrap();
    let verdict: Value = serde_json::from_str(verdict.trim_start_matches('\u{FEFF}')).unwrap();
    let run = &verdict["runs"][0];
    assert_eq!(
        run["invocations"][0]["executionSuccessful"], true,
        "{run:#}"
    );
    let results = run["results"].as_array().into_iter().flatten();
    let told = results.map(|one| {
        let text = |pointer| str_of(one, pointer).to_owned();
        (
            text("/ruleId"),
            text("/message/id"),
            one["message"]["arguments"].to_string(),
        )
    });
    Some(told.collect())
}

#[test]
fn sarif_reports_are_what_the_schema_of_the_standard_says() {
    for text in Reports::new().all("sarif") {
        if let Some(faults) = against_the_schema(&serde_json::from_str(&text).unwrap()) {
            assert!(faults.is_empty(), "{faults:#?}");
        }
    }
}

#[test]
fn the_schema_of_sarif_refuses_broken_reports() {
    let log: Value = serde_json::from_str(&Reports::new().rich("sarif")).unwrap();
    for (at, wrong) in [
        ("/version", "2.0.0"),
        ("/runs/0/results/0/level", "warn"),
        ("/runs/0/results/0/message", "a text"),
        ("/runs/0/columnKind", "bytes"),
        (
            "/runs/0/results/0/locations/0/physicalLocation/region/startLine",
            "1",
        ),
    ] {
        let mut broken = log.clone();
        *broken.pointer_mut(at).unwrap() = wrong.into();
        let faults = against_the_schema(&broken);
        assert!(faults.is_none_or(|faults| !faults.is_empty()), "{at}");
    }
}

#[test]
fn the_validator_of_sarif_has_nothing_against_our_reports() {
    let reports = Reports::new();
    for text in reports.all("sarif") {
        let Some(mut told) = against_the_rules(reports.path(), &text) else {
            return;
        };
        told.retain(|(rule, message, _)| {
            !BESIDE_THE_POINT
                .iter()
                .any(|beside| beside.0 == rule && beside.1 == message)
        });
        assert!(told.is_empty(), "{told:#?}");
    }
}

#[test]
fn the_validator_of_sarif_refuses_broken_reports() {
    let reports = Reports::new();
    let log: Value = serde_json::from_str(&reports.rich("sarif")).unwrap();
    for (at, wrong, rule) in [
        ("/runs/0/results/1/ruleIndex", Value::from(99), "SARIF1009"),
        (
            "/runs/0/results/1/locations/0/physicalLocation/region/endLine",
            1.into(),
            "SARIF1007",
        ),
        (
            "/runs/0/results/1/locations/0/physicalLocation/contextRegion/endLine",
            3.into(),
            "SARIF1008",
        ),
        (
            "/runs/0/tool/driver/rules/0/fullDescription",
            Value::Null,
            "GH2012",
        ),
    ] {
        let mut broken = log.clone();
        let (parent, key) = at.rsplit_once('/').unwrap();
        let parent = broken
            .pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .unwrap();
        parent.remove(key).unwrap();
        if !wrong.is_null() {
            parent.insert(key.to_owned(), wrong);
        }
        if let Some(told) = against_the_rules(reports.path(), &broken.to_string()) {
            let rules: BTreeSet<&str> = told.iter().map(|(rule, ..)| rule.as_str()).collect();
            assert!(rules.contains(rule), "{at}: {rules:?}");
        }
    }
}

#[test]
fn every_further_place_is_led_to_by_the_message() {
    let log: Value = serde_json::from_str(&Reports::new().rich("sarif")).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let related = results.iter().flat_map(|one| {
        let places = one["relatedLocations"].as_array().into_iter().flatten();
        places.map(move |place| (str_of(one, "/message/text"), place))
    });
    let related: Vec<_> = related.collect();
    assert!(related.len() > 3);
    for (text, place) in related {
        assert!(text.contains(&format!("]({})", place["id"])), "{text}");
    }
    let odd = results
        .iter()
        .find(|one| one["ruleId"] == "entity-with-several-owners")
        .unwrap();
    assert!(
        str_of(odd, "/message/text").contains("\n[ärger-🦀 claims it here](2)\n"),
        "{odd:#}"
    );
}
