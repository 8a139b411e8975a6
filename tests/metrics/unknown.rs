//! What the file does not say, or says wrongly, is not known: it is not zero.

use serde_json::{Value, json};

use super::{asked, err, figures, of, out};

fn notes(figures: &Value) -> String {
    let notes = figures["notes"].as_array().unwrap();
    let notes: Vec<&str> = notes.iter().filter_map(Value::as_str).collect();
    notes.join("\n")
}

#[test]
fn a_call_to_somebody_who_is_not_declared_leaves_what_follows_from_it_open() {
    let figures = figures(
        "services:
  a: {data_ownership: [as], calls: [{to: b, timeout: 1s}]}
  b: {data_ownership: [bs], calls: [{to: c, timeout: 1s}, {to: nobody, timeout: 1s}]}
  c: {data_ownership: [cs]}
gateway: {routes: [{path: /as, method: GET, service: a, timeout: 1s, public: true}]}
",
    );
    let of = |name| of(&figures, "services", name);
    for key in ["fan_out", "instability", "depth", "waiting_ms"] {
        assert_eq!(of("b")[key], Value::Null, "{key}");
    }
    assert_eq!(of("a")["depth"], Value::Null);
    assert_eq!(of("a")["fan_out"], 1);
    assert_eq!(of("c")["depth"], 0);
    assert_eq!(figures["system"]["longest_chain_calls"], Value::Null);
    assert_eq!(figures["routes"][0]["attempts"], Value::Null);
    let notes = notes(&figures);
    assert!(
        notes.contains("1 call of b to somebody who is not declared"),
        "{notes}"
    );
    assert!(
        figures["findings"]["errors"].as_u64().unwrap() > 0 && notes.contains("msarch validate"),
        "{notes}"
    );
}

#[test]
fn a_name_that_stands_elsewhere_is_told_too() {
    let figures = figures(
        "services:\n  a: {data_ownership: [as]}\ngateway: {routes: [{path: /as, method: GET, service: b, timeout: 1s, public: true}]}\n",
    );
    assert!(
        notes(&figures).contains("1 name that nothing declares: what it would connect"),
        "{}",
        notes(&figures)
    );
    let route = &figures["routes"][0];
    for key in ["service", "waiting_ms", "attempts", "own_data"] {
        assert_eq!(route[key], Value::Null, "{key}");
    }
    assert_eq!(
        route["availability"],
        json!({"at_most": null, "rests_on": 0, "unknown": 0, "weakest": []})
    );
}

#[test]
fn circles_have_no_number_of_attempts_and_are_opened_by_few_calls() {
    // a -> b -> a and b -> c -> b, and d behind them. c only reads of b.
    let figures = figures(
        "services:
  a: {data_ownership: [as], endpoints: ['POST /as'], calls: [{to: b, operations: [create_b], timeout: 1s, retries: 1}]}
  b: {data_ownership: [bs], endpoints: ['GET /bs', 'POST /bs'], calls: [{to: a, timeout: 1s}, {to: c, operations: [create_c], timeout: 1s}]}
  c: {data_ownership: [cs], endpoints: ['POST /cs'], calls: [{to: b, operations: [get_bs], timeout: 1s}, {to: d, timeout: 1s}]}
  d: {data_ownership: [ds]}
gateway: {routes: [{path: /as, method: POST, service: a, timeout: 1s, public: true}]}
",
    );
    for name in ["a", "b", "c", "d"] {
        assert_eq!(
            of(&figures, "services", name)["attempts"],
            Value::Null,
            "{name}"
        );
    }
    assert_eq!(of(&figures, "services", "d")["on_a_cycle"], false);
    assert_eq!(of(&figures, "services", "c")["on_a_cycle"], true);
    // Everybody on the circle fails with d. What c reads of b asks nobody, so that c does without a.
    assert_eq!(of(&figures, "services", "d")["blast_radius"], 3);
    assert_eq!(of(&figures, "services", "a")["blast_radius"], 1);
    let cycle = &figures["cycles"][0];
    assert_eq!(cycle["services"], json!(["a", "b", "c"]));
    assert_eq!(cycle["cheapest"], json!({"from": "c", "to": "b"}));
    assert_eq!(cycle["cheapest_writes"], false);
    assert_eq!(cycle["path"], json!(["c", "b", "c"]));
    assert_eq!(cycle["besides"].as_array().unwrap().len(), 1);
    // The circle counts as one: three hops are one.
    assert_eq!(of(&figures, "services", "a")["depth"], 1);
}

#[test]
fn without_a_timeout_nobody_knows_how_long_it_takes() {
    let file = |timeout: &str| {
        figures(&format!(
            "services:
  a: {{data_ownership: [as], endpoints: [{{name: run, method: POST, path: /run, action: command, effect: read{timeout}}}], calls: [{{to: b}}]}}
  b: {{data_ownership: [bs]}}
gateway: {{routes: [{{path: /run, method: POST, service: a, public: true}}]}}
"
        ))
    };
    let open = file("");
    assert_eq!(open["routes"][0]["waiting_ms"], Value::Null);
    assert_eq!(open["routes"][0]["timeout_ms"], Value::Null);
    assert!(notes(&open).contains("1 call without a timeout"));
    // The operation gives up by itself.
    assert_eq!(file(", timeout: 700ms")["routes"][0]["waiting_ms"], 700);
}

#[test]
fn without_a_gateway_nobody_knows_what_requests_need() {
    let figures = figures(
        "services: {a: {data_ownership: [as], calls: [{to: b, timeout: 1s}]}, b: {data_ownership: [bs]}}\n",
    );
    let b = of(&figures, "services", "b");
    assert_eq!(
        (&b["routes"], &b["gates"], &b["blast_radius"]),
        (&Value::Null, &Value::Null, &json!(1))
    );
    assert!(notes(&figures).contains("there is no gateway"));
}

#[test]
fn without_services_there_is_little_to_tell() {
    let figures = figures("");
    assert_eq!(figures["services"], json!([]));
    assert_eq!(figures["system"]["synchronous_share"], Value::Null);
    let assert = asked("msarch: 1\nname: market\n", &[]).code(0);
    assert!(
        out(&assert).contains("there are no services"),
        "{}",
        out(&assert)
    );
}

#[test]
fn a_file_that_cannot_be_read_is_reported_instead() {
    let assert = asked("- a\n", &[]).code(1);
    assert!(
        out(&assert).is_empty() && err(&assert).contains("wrong-type"),
        "{}",
        err(&assert)
    );
}

#[test]
fn a_service_that_calls_itself_is_not_coupled_to_itself() {
    let figures = figures(
        "services: {a: {data_ownership: [as], endpoints: ['GET /as'], calls: [{to: a, operations: [get_as], timeout: 1s}]}}\n",
    );
    let a = of(&figures, "services", "a");
    assert_eq!(
        (
            &a["fan_out"],
            &a["callers"],
            &a["blast_radius"],
            &a["depth"]
        ),
        (&json!(0), &json!(0), &json!(0), &json!(0))
    );
    assert_eq!(a["attempts"], Value::Null);
    assert_eq!(figures["cycles"][0]["path"], json!(["a", "a"]));
}
