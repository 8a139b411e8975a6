//! Rules and their tests, as Prometheus and promtool read them.

use serde_json::{Map, Value, json};

use super::rule::{Alert, Case, Group};

/// When the tests look: long after the course of things began.
const LATER: &str = "2h";

/// The rules.
pub(super) fn rules(groups: &[Group]) -> Value {
    let groups: Vec<Value> = groups
        .iter()
        .map(|group| {
            let recordings = group.recordings.iter().map(|rule| {
                json!({ "record": rule.name, "expr": rule.expr, "labels": map(rule.labels.iter().cloned()) })
            });
            let rules: Vec<Value> = recordings.chain(group.alerts.iter().map(alert)).collect();
            json!({ "name": group.name, "rules": rules })
        })
        .collect();
    json!({ "groups": groups })
}

fn alert(alert: &Alert) -> Value {
    let mut rule = Map::new();
    rule.insert("alert".to_owned(), alert.name.into());
    rule.insert("expr".to_owned(), alert.expr.clone().into());
    if let Some(hold) = alert.hold {
        rule.insert("for".to_owned(), hold.into());
    }
    rule.insert("labels".to_owned(), map(alert.own_labels()));
    let annotations = alert
        .annotations()
        .map(|(name, text)| (name, text.to_owned()));
    rule.insert("annotations".to_owned(), map(annotations.into_iter()));
    rule.into()
}

/// Each case of each alert, as a test.
pub(super) fn tests(groups: &[Group]) -> Value {
    let alerts = groups.iter().flat_map(|group| &group.alerts);
    let tests: Vec<Value> = alerts
        .flat_map(|alert| alert.cases.iter().map(|case| test(alert, case)))
        .collect();
    json!({ "rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests })
}

fn test(alert: &Alert, case: &Case) -> Value {
    let series: Vec<Value> = case
        .series
        .iter()
        .map(|one| json!({ "series": one.series, "values": one.values }))
        .collect();
    let firing: Vec<Value> = case
        .firing
        .iter()
        .map(|labels| fired(alert, labels))
        .collect();
    json!({
        "name": format!("{}: {}", alert.name, case.name),
        "interval": "1m",
        "input_series": series,
        "alert_rule_test": [{ "eval_time": LATER, "alertname": alert.name, "exp_alerts": firing }],
    })
}

/// What is told: the labels and the texts, with what is found filled in.
fn fired(alert: &Alert, found: &[(&'static str, String)]) -> Value {
    let fill = |text: &str| {
        found.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{{ $labels.{name} }}}}"), value)
        })
    };
    let labels = found.iter().cloned().chain(alert.own_labels());
    let annotations = alert.annotations().map(|(name, text)| (name, fill(text)));
    json!({ "exp_labels": map(labels), "exp_annotations": map(annotations.into_iter()) })
}

fn map(pairs: impl Iterator<Item = (&'static str, String)>) -> Value {
    let pairs = pairs.map(|(name, value)| (name.to_owned(), Value::String(value)));
    Value::Object(pairs.collect())
}
