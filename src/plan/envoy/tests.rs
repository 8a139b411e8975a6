//! What is decided, by small gateways.

use std::time::Duration;

use serde_json::Value;

use super::{envoy, seconds, whole_seconds};
use crate::model::lower;
use crate::syntax::document;
use crate::syntax::include::load_text;

/// The configuration of a gateway before two services.
fn config(gateway: &str) -> Value {
    let text = format!(
        "msarch: 1\nname: shop\nservices: {{order-service: {{port: 3001}}, price-service: {{port: 3002}}}}\ngateway: {gateway}\n"
    );
    let mut loaded = load_text("architecture.yaml", &text);
    let model = lower(&document::read(&mut loaded).unwrap());
    envoy(&model).unwrap().config
}

fn manager(config: &Value) -> &Value {
    &config["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
}

fn routes(config: &Value) -> &[Value] {
    let routes = &manager(config)["route_config"]["virtual_hosts"][0]["routes"];
    routes.as_array().unwrap()
}

fn filters(gateway: &str) -> Vec<String> {
    let config = config(gateway);
    let filters = manager(&config)["http_filters"].as_array().unwrap();
    let names = filters
        .iter()
        .map(|filter| filter["name"].as_str().unwrap());
    names
        .map(|name| name.trim_start_matches("envoy.filters.http.").to_owned())
        .collect()
}

const TOKENS: &str = "authentication: {type: JWT, algorithms: [HS256], secret: '${KEY}'}";
const LIMIT: &str = "rate_limit: {window: 1m, max_requests: 5}";

#[test]
fn filters_stand_in_the_declared_order() {
    let ordered =
        format!("{{middleware: [compression, rate_limiting, authentication], {TOKENS}, {LIMIT}}}");
    let between = ["compressor", "limit", "jwt_authn", "algorithm", "scope"];
    assert_eq!(filters(&ordered)[1..6], between);
    let other =
        format!("{{middleware: [authentication, compression, rate_limiting], {TOKENS}, {LIMIT}}}");
    let between = ["jwt_authn", "algorithm", "scope", "compressor", "limit"];
    assert_eq!(filters(&other)[1..6], between);
    assert_eq!(filters("{port: 8080}"), ["correlation", "buffer", "router"]);
}

#[test]
fn subjects_are_counted_only_where_they_are_known() {
    let counted = |first: &str, second: &str| {
        let text = config(&format!(
            "{{middleware: [{first}, {second}], {TOKENS}, {LIMIT}}}"
        ));
        text.to_string().contains("\"descriptor_key\":\"subject\"")
    };
    assert!(counted("authentication", "rate_limiting"));
    assert!(!counted("rate_limiting", "authentication"));
}

#[test]
fn a_route_for_those_who_are_known_is_closed_where_nobody_is() {
    let config = config("{routes: [{path: /orders, service: order-service}]}");
    let closed = &routes(&config)[1];
    assert_eq!(closed["match"]["path"], "/orders");
    assert_eq!(closed["direct_response"]["status"], 401);
    assert!(closed["route"].is_null());
}

#[test]
fn a_route_that_only_some_may_take_asks_for_the_scope() {
    let config = config(&format!(
        "{{routes: [{{path: /a, service: order-service, scope: 'a:b'}}, {{path: /b, service: order-service, public: true}}], {TOKENS}}}"
    ));
    let asked = |at: usize| routes(&config)[at]["typed_per_filter_config"].to_string();
    assert!(asked(1).contains("\"required\"") && asked(1).contains("a:b"));
    assert_eq!(asked(2), "null");
    let otherwise =
        &manager(&config)["route_config"]["virtual_hosts"][0]["typed_per_filter_config"];
    assert!(otherwise.to_string().contains("\"optional\""));
    assert!(!config.to_string().contains("${"));
}

#[test]
fn longer_paths_come_first_and_on_one_path_named_methods() {
    let config = config(
        "{routes: [{path: /*, service: order-service, public: true}, {path: /a/*, service: order-service, public: true}, \
         {path: /a/*, method: GET, service: price-service, public: true}, {path: '/a/{x}/b', service: order-service, public: true}]}",
    );
    let order: Vec<String> = routes(&config)
        .iter()
        .map(|route| {
            format!(
                "{} {}",
                route["name"].as_str().unwrap(),
                route["route"]["cluster"].as_str().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        order,
        [
            "unmatched -",
            "/a/{x}/b order-service",
            "/a/* price-service",
            "/a/* order-service",
            "/* order-service",
            "unmatched -"
        ]
    );
}

#[test]
fn a_request_with_a_key_is_repeated_by_an_entry_of_its_own() {
    let config = config(
        "{routes: [{path: /a, service: order-service, public: true, method: [GET, PUT, POST], retries: 2, retry_methods: [GET, POST], idempotency_key: header}]}",
    );
    let [keyed, other] = [1, 2].map(|at| &routes(&config)[at]);
    assert_eq!(
        keyed["match"]["headers"][0]["string_match"]["exact"],
        "POST"
    );
    assert_eq!(keyed["match"]["headers"][1]["name"], "idempotency-key");
    let policy = |route: &Value| route["route"]["retry_policy"].clone();
    assert_eq!(policy(keyed)["num_retries"], 2);
    assert!(policy(keyed)["retriable_request_headers"].is_null());
    let only = &policy(other)["retriable_request_headers"][0];
    assert_eq!(
        (&only["name"], &only["string_match"]["exact"]),
        (&":method".into(), &"GET".into())
    );
}

#[test]
fn routes_that_stop_in_different_ways_have_clusters_of_their_own() {
    let breaker = |threshold: u32| {
        format!("circuit_breaker: {{failure_threshold: {threshold}, recovery_timeout: 30s}}")
    };
    let route = |path: &str, more: &str| {
        format!("{{path: {path}, service: order-service, public: true{more}}}")
    };
    let config = config(&format!(
        "{{routes: [{}, {}, {}, {}]}}",
        route("/a", ""),
        route("/b", &format!(", {}", breaker(5))),
        route("/c", &format!(", {}", breaker(5))),
        route("/d", &format!(", {}", breaker(9)))
    ));
    let clusters = config["static_resources"]["clusters"].as_array().unwrap();
    let stops: Vec<(&str, Option<u64>)> = clusters
        .iter()
        .map(|cluster| {
            (
                cluster["name"].as_str().unwrap(),
                cluster["outlier_detection"]["consecutive_5xx"].as_u64(),
            )
        })
        .collect();
    let wanted = [
        ("order-service", None),
        ("order-service_2", Some(5)),
        ("order-service_3", Some(9)),
        ("gateway_admin", None),
    ];
    assert_eq!(stops, wanted);
    let leads: Vec<&str> = routes(&config)[1..5]
        .iter()
        .map(|route| route["route"]["cluster"].as_str().unwrap())
        .collect();
    assert_eq!(
        leads,
        [
            "order-service",
            "order-service_2",
            "order-service_2",
            "order-service_3"
        ]
    );
}

#[test]
fn times_are_written_as_protobuf_reads_them() {
    let told = [0, 25, 1_000, 61_500].map(|time| seconds(Duration::from_millis(time)));
    assert_eq!(told, ["0s", "0.025s", "1s", "61.5s"]);
    assert_eq!(whole_seconds(Duration::from_millis(1_001)), 2);
}
