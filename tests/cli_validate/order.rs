//! What is known stays known when the things of a file change places.

use std::collections::BTreeMap;

use super::{folder, msarch, out};

/// A file whose sections are turned round.
fn turned(text: &str) -> String {
    let mut turned = String::new();
    let mut items: Vec<String> = Vec::new();
    let flush = |items: &mut Vec<String>, turned: &mut String| {
        items
            .drain(..)
            .rev()
            .for_each(|item| turned.push_str(&item));
    };
    for line in text.lines() {
        let line = format!("{line}\n");
        let within = line.starts_with("  ");
        let begins = within && !line.starts_with("   ") && !line.starts_with("  #");
        if !within {
            flush(&mut items, &mut turned);
            turned.push_str(&line);
        } else if begins || items.is_empty() {
            items.push(line);
        } else if let Some(last) = items.last_mut() {
            last.push_str(&line);
        }
    }
    flush(&mut items, &mut turned);
    turned
}

fn fingerprints(text: &str) -> BTreeMap<String, String> {
    let shop = folder(&[("architecture.yaml", text)]);
    let report = out(&msarch(shop.path(), &["--format", "sarif"]));
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let results = report["runs"][0]["results"].as_array().unwrap().iter();
    let told = |one: &serde_json::Value| {
        let print = one["partialFingerprints"]["msarch/v1"].as_str();
        let message = format!("{}: {}", one["ruleId"], one["message"]["text"]);
        (print.unwrap().to_owned(), message)
    };
    results.map(told).collect()
}

const TWO_OF_EACH: &str = "msarch: 1
name: shop
services:
  ward-service:
    data_ownership: [wards]
    store: {database_type: PostgreSQL, host: db, database: wards, user: app, password: \"${KEY}\"}
    endpoints: [GET /wards]
    calls: [{to: bed-service, timeout: 1s}, {to: patient-service, timeout: 1s}]
  patient-service:
    data_ownership: [patients]
    store: {database_type: PostgreSQL, host: db, database: patients, user: app, password: \"${KEY}\"}
    endpoints: [GET /patients]
    calls: [{to: bed-service, timeout: 1s}]
  bed-service:
    data_ownership: [beds]
    endpoints: [GET /beds]
    calls: [{to: ward-service, timeout: 1s}]
  beds-service:
    data_ownership: [sheets]
    endpoints: [GET /sheets]
events:
  Admitted:
    schema: {id: uuid}
    producers: ward-service
    consumers: [{service: bed-service, effect: emit Placed}]
  Placed:
    schema: {id: uuid}
    producers: bed-service
    consumers: [{service: ward-service, effect: emit Admitted}]
";

#[test]
fn fingerprints_do_not_depend_on_the_order_of_the_file() {
    let now = fingerprints(TWO_OF_EACH);
    let then = fingerprints(&turned(TWO_OF_EACH));
    let told = |rule: &str| now.values().any(|message| message.contains(rule));
    for rule in [
        "shared-credentials",
        "duplicate-or-near-miss-name",
        "sync-cycle",
    ] {
        assert!(told(rule), "{rule}: {now:#?}");
    }
    let other =
        |(print, message): (&String, &String)| (!then.contains_key(print)).then(|| message.clone());
    let new: Vec<String> = now.iter().filter_map(other).collect();
    assert_eq!(new, Vec::<String>::new());
}

#[test]
fn a_large_file_turned_round_has_the_same_fingerprints() {
    let text = include_str!("../fixtures/faults/architecture.yaml");
    let (now, then) = (fingerprints(text), fingerprints(&turned(text)));
    let other =
        |(print, message): (&String, &String)| (!then.contains_key(print)).then(|| message.clone());
    let new: Vec<String> = now.iter().filter_map(other).collect();
    assert_eq!(new, Vec::<String>::new());
}
