//! Limits of fields: where they hold, and what is wrong with those that cannot; and the limit that a machine sets.

mod architecture;

use architecture::model_of_text;
use msarch::model::Model;
use msarch::plan::names::Names;
use msarch::plan::openapi::description;
use serde_json::{Value, json};

/// One service with limited data, an operation on it, and effects of it.
fn shop(request: &str, effects: &str) -> Model {
    model_of_text(&format!(
        r#"
msarch: 1
name: shop
types:
  Line: {{sku: string, quantity: {{type: integer, min: 1}}}}
services:
  order-service:
    data_ownership:
      orders:
        fields:
          code: {{type: string, max_length: 8}}
          count: {{type: integer, min: 1, max: 40}}
          price: {{type: decimal, min: 0, max: 99.5}}
      hints: {{fields: {{count: {{type: integer, min: 5}}, urgent: boolean}}}}
    endpoints:
      place_order:
        method: POST
        path: /orders
        request: {request}
        effects: {effects}
"#
    ))
}

const PLAIN: &str = r#"{code: string, count: {type: integer, max: 50}, price: decimal, urgent: boolean, lines: "Line[]"}"#;

fn schema_of(model: &Model, name: &str) -> Value {
    let names = Names::new(model);
    let service = model.services.ids().next().expect("a service");
    description(model, &names, service)["components"]["schemas"][name].clone()
}

fn faults(model: &Model) -> Vec<&str> {
    let faults = model.faults.iter();
    faults.map(|fault| fault.message.as_str()).collect()
}

#[test]
fn what_goes_into_owned_data_has_its_limits() {
    let model = shop(PLAIN, "[]");
    assert_eq!(faults(&model), [""; 0]);
    let request = schema_of(&model, "PlaceOrderRequest");
    let count = &request["properties"]["count"];
    assert_eq!(
        (&count["minimum"], &count["maximum"]),
        (&json!(1), &json!(40))
    );
    assert_eq!(request["properties"]["code"]["maxLength"], 8);
    assert_eq!(request["properties"]["price"]["x-maximum"], 99.5);
    let line = schema_of(&model, "Line");
    assert_eq!(line["properties"]["quantity"]["minimum"], 1);
}

#[test]
fn what_an_effect_always_writes_has_its_limits_too() {
    let always = "[{create: hints, values: {count: $request.count, urgent: false}}]";
    let count = schema_of(&shop(PLAIN, always), "PlaceOrderRequest")["properties"]["count"].clone();
    assert_eq!(count["minimum"], 5);
}

#[test]
fn what_an_effect_writes_on_a_condition_keeps_the_limits_of_the_request() {
    let sometimes =
        "[{create: hints, when: {urgent: true}, values: {count: $request.count, urgent: true}}]";
    let count =
        schema_of(&shop(PLAIN, sometimes), "PlaceOrderRequest")["properties"]["count"].clone();
    assert_eq!(count["minimum"], 1);
}

#[test]
fn a_request_that_its_data_always_refuses_is_told() {
    let never = shop(
        "{code: string, count: {type: integer, min: 41}, price: decimal}",
        "[]",
    );
    assert_eq!(
        faults(&never),
        ["`count` of operation place_order allows no value that its data allows too"]
    );
    let default = shop(
        "{code: string, count: {type: integer, default: 0}, price: decimal}",
        "[]",
    );
    assert_eq!(
        faults(&default),
        [
            "`count` of operation place_order has a default that its data refuses: less than its min 1"
        ]
    );
}

#[test]
fn a_written_value_that_its_field_refuses_is_told() {
    let effects = "[{create: hints, values: {count: 4, urgent: true}}]";
    assert_eq!(
        faults(&shop(PLAIN, effects)),
        ["count can never be this: it is less than its min 5"]
    );
}

#[test]
fn the_first_service_without_a_port_is_told() {
    let own: String = (0..62_536).map(|at| format!("  s{at}: {{}}\n")).collect();
    let model = model_of_text(&format!(
        "msarch: 1\nname: shop\nservices:\n  first: {{port: 3001}}\n{own}"
    ));
    let mut told = faults(&model).into_iter();
    let first = told.find(|fault| fault.contains("port"));
    assert_eq!(first, Some("no port is left for s62534"));
    assert!(told.all(|fault| !fault.contains("port")));
}
