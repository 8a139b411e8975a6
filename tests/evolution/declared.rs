//! What `msarch diff` tells of keys that have no account of their own: nothing that changed stays untold.

use msarch::graph::evolution::changes::changes;
use serde_json::Value as Json;

use super::changes::told;
use super::whole;

const LAB: &str = "
services:
  shop: {data_ownership: {orders: {fields: {item: string, state: {type: open | done, default: open}}}}, endpoints: {get: {method: GET, path: '/orders/{id}'}}}
  desk: {data_ownership: [notes], calls: [{to: shop, operations: [get], timeout: 1s, retries: 2}]}
events: {E: {producers: shop, schema: {x: uuid}, consumers: desk}}
sagas: {S: {trigger: E, timeout: 300s, steps: [{service: shop, action: one, input: {x: $trigger.x}, compensation: free}, {service: desk, action: two, kind: pivot}]}}
gateway: {routes: [{path: /api/*, service: shop, rewrite: /orders, timeout: 5s}]}
";

#[test]
fn every_other_key_is_told_as_it_was_and_as_it_is() {
    for (was, is, expected) in [
        (
            "timeout: 300s",
            "timeout: 60s",
            "sagas changed: S.timeout is 1m, was 5m",
        ),
        (
            ", compensation: free",
            ", kind: retriable",
            "sagas added: S.steps.one.kind is new: retriable|sagas removed: S.steps.one.compensation is gone, was free",
        ),
        (
            "kind: pivot",
            "kind: retriable",
            "sagas changed: S.steps.two.kind is retriable, was pivot",
        ),
        (
            "x: $trigger.x}",
            "x: $trigger.x, y: 1}",
            "sagas added: S.steps.one.input.y is new: 1",
        ),
        (
            "producers: shop",
            "producers: shop, delivery: at-most-once",
            "events added: E.delivery is new: at-most-once",
        ),
        (
            "timeout: 1s, retries: 2",
            "timeout: 2s, retries: 3",
            "calls changed: desk.calls.shop.timeout is 2s, was 1s|calls changed: desk.calls.shop.retries is 3, was 2",
        ),
        (
            "timeout: 5s",
            "timeout: 9s",
            "routes changed: /api/*.timeout is 9s, was 5s",
        ),
        (
            "default: open",
            "default: done",
            "data changed: shop.orders.fields.state.default is done, was open",
        ),
        (
            "gateway:",
            "deployment: {replicas: 3}\ngateway:",
            "declarations added: deployment is new",
        ),
        (
            "notes],",
            "notes], replicas: 2,",
            "services added: desk.replicas is new: 2",
        ),
    ] {
        assert_eq!(told(LAB, &LAB.replace(was, is)).join("|"), expected, "{is}");
    }
}

#[test]
fn another_spelling_is_no_change() {
    for (was, is) in [
        ("timeout: 300s", "timeout: 5m"),
        ("producers: shop", "producers: [shop]"),
        (
            "consumers: desk",
            "consumers: [{service: desk, versions: [v1]}]",
        ),
        (
            "schema: {x: uuid}",
            "version: v1, schema: {x: {type: uuid}}",
        ),
        ("{item: string,", "{item: {type: string, required: true},"),
        (
            "get: {method: GET, path: '/orders/{id}'}",
            "get: 'GET /orders/{order}'",
        ),
        ("kind: pivot", "kind: PIVOT"),
    ] {
        assert_eq!(told(LAB, &LAB.replace(was, is)), [""; 0], "{is}");
    }
}

#[test]
fn what_else_changed_of_something_renamed_is_told_under_its_new_name() {
    let new = LAB
        .replace("  shop: {", "  store: {renamed_from: shop, replicas: 2, ")
        .replace("to: shop", "to: store")
        .replace("producers: shop", "producers: store")
        .replace("service: shop", "service: store")
        .replace("timeout: 1s", "timeout: 2s");
    assert_eq!(
        told(LAB, &new),
        [
            "services changed: store was called shop ! desk",
            "services added: store.replicas is new: 2",
            "calls changed: desk.calls.store.timeout is 2s, was 1s",
        ]
    );
}

/// All places of a value but its top, as JSON pointers.
fn places(value: &Json, at: &str, places: &mut Vec<String>) {
    let parts: Vec<(String, &Json)> = match value {
        Json::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Json::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, item)| (at.to_string(), item))
            .collect(),
        _ => Vec::new(),
    };
    for (key, part) in parts {
        let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        self::places(part, &place, places);
        places.push(place);
    }
}

/// Changes a value at a place: a word is another, and what holds others is gone.
fn change(value: &mut Json, place: &str) {
    let (parent, key) = place.rsplit_once('/').unwrap();
    let at = value.pointer_mut(place).unwrap();
    match at {
        Json::String(text) => text.push('x'),
        Json::Bool(truth) => *truth = !*truth,
        Json::Number(number) => {
            *at = (number.as_f64().unwrap() + 1.0)
                .round()
                .to_string()
                .parse()
                .unwrap()
        }
        _ => match value.pointer_mut(parent).unwrap() {
            Json::Object(map) => {
                map.shift_remove(&key.replace("~1", "/").replace("~0", "~"));
            }
            Json::Array(items) => {
                items.remove(key.parse().unwrap());
            }
            _ => unreachable!(),
        },
    }
}

/// Places where a change says nothing of the architecture: names of before, and what holds in this file also where it is left out.
fn says_nothing(place: &str) -> bool {
    let ends = ["/renamed_from", "/msarch", "/filters", "/request"];
    ends.iter().any(|end| place.ends_with(end))
        || place.starts_with("/gateway/routes/") && place.ends_with("/method")
}

/// Where a place is, but for which of many things it is.
fn alike(place: &str) -> String {
    let words: Vec<&str> = place.split('/').collect();
    let last = words[words.len() - 1].trim_matches(char::is_numeric);
    format!("{} {} {last}", words[1], words.len())
}

/// A version of a whole text, where all of it can be read.
fn readable(text: &str) -> Option<msarch::graph::evolution::Older> {
    let mut loaded = msarch::syntax::include::load_text("architecture.yaml", text);
    msarch::syntax::document::read(&mut loaded)?;
    let mut read = loaded.findings.iter();
    let wrong = read.any(|finding| finding.severity == msarch::syntax::finding::Severity::Error);
    whole(text).filter(|_| !wrong)
}

#[test]
fn whatever_changes_in_a_file_is_told() {
    let text = std::fs::read_to_string("examples/ecommerce.yaml").unwrap();
    let loaded = msarch::syntax::include::load_text("architecture.yaml", &text);
    let json = loaded.root.unwrap().to_json();
    let old = whole(&json.to_string()).unwrap();
    let mut all = Vec::new();
    places(&json, "", &mut all);
    let mut met = std::collections::BTreeSet::new();
    all.retain(|place| !says_nothing(place) && met.insert(alike(place)));
    assert!(all.len() > 300, "{}", all.len());
    let mut untold = Vec::new();
    for place in all {
        let mut other = json.clone();
        change(&mut other, &place);
        // What can no longer be read says nothing new.
        let Some(new) = readable(&other.to_string()) else {
            continue;
        };
        if changes(&old, &new).is_empty() {
            untold.push(place);
        }
    }
    assert_eq!(untold, [""; 0]);
}
