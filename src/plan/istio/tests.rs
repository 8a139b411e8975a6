//! What is emitted, looked at as a whole.

use serde_json::Value;

use super::manifests;
use crate::model::lower;
use crate::syntax::document;
use crate::syntax::include::load_text;

const SHOP: &str = "
msarch: 1
name: shop
services:
  order-service:
    port: 3001
    replicas: 1
    data_ownership: [orders]
    calls: [{to: price-service, operations: [get_price], timeout: 2s, retries: 2}]
    endpoints: [GET /orders, POST /orders, 'GET /orders/{id}']
  price-service:
    port: 3002
    data_ownership: [prices]
    endpoints: {get_price: {method: GET, path: '/prices/{id}'}, set_price: {method: POST, path: /prices}}
data_management:
  price-service: {database_type: PostgreSQL, tables: [prices]}
gateway:
  routes:
    - {path: /api/orders/*, method: [GET, POST], service: order-service, rewrite: /orders, timeout: 5s, retries: 2, idempotency_key: header, public: true}
mesh:
  provider: istio
  services:
    order-service: {timeout: 4s, outlier_detection: {max_ejection_percent: 10}}
    price-service: {timeout: 1s, retries: {attempts: 1, per_try_timeout: 400ms}, canary: {v1: 90, v2: 10}}
";

fn documents(text: &str) -> Vec<Value> {
    let mut loaded = load_text("architecture.yaml", text);
    let model = lower(&document::read(&mut loaded).unwrap());
    let all = manifests(&model).into_iter();
    all.flat_map(|manifest| manifest.documents).collect()
}

fn one(documents: &[Value], kind: &str, name: &str) -> Value {
    let mut all = documents.iter();
    let found = all.find(|it| it["kind"] == kind && it["metadata"]["name"] == name);
    found.unwrap_or_else(|| panic!("no {kind} {name}"))["spec"].clone()
}

#[test]
fn nothing_is_emitted_unless_istio_is_asked_for() {
    assert!(documents(&SHOP.replace("provider: istio", "mtls: STRICT")).is_empty());
    assert!(documents(&format!("{SHOP}deployment: {{targets: [compose]}}\n")).is_empty());
    assert!(!documents(SHOP).is_empty());
}

#[test]
fn the_mesh_leaves_a_caller_alone_that_tries_again_by_itself() {
    let spec = one(&documents(SHOP), "VirtualService", "price-service");
    let rules = spec["http"].as_array().unwrap();
    assert_eq!(rules.len(), 2);
    assert_eq!(
        rules[0]["match"][0]["sourceLabels"]["app.kubernetes.io/name"],
        "order-service"
    );
    assert_eq!(rules[0]["retries"]["attempts"], 0);
    assert_eq!(rules[1]["retries"]["attempts"], 1);
    assert_eq!(
        rules[1]["retries"]["retryOn"],
        "connect-failure,refused-stream"
    );
    let others = documents(&SHOP.replace(", retries: 2}]", ", retries: 0}]"));
    let spec = one(&others, "VirtualService", "price-service");
    assert_eq!(spec["http"].as_array().unwrap().len(), 1);
}

#[test]
fn the_door_repeats_what_is_safe_or_carries_a_key() {
    let spec = one(&documents(SHOP), "VirtualService", "gateway");
    let told: Vec<(String, String, bool, u64)> = spec["http"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| {
            let matched = &rule["match"][0];
            let method = matched["method"]["exact"].as_str();
            let methods = method.or(matched["method"]["regex"].as_str());
            (
                matched["uri"]
                    .as_object()
                    .unwrap()
                    .values()
                    .next()
                    .unwrap()
                    .as_str()
                    .unwrap()
                    .to_owned(),
                methods.unwrap_or_default().to_owned(),
                matched["headers"].is_object(),
                rule["retries"]["attempts"].as_u64().unwrap(),
            )
        })
        .collect();
    let wanted = |path: &str| {
        [
            (path.to_owned(), "GET|HEAD".to_owned(), false, 2),
            (path.to_owned(), "POST".to_owned(), true, 2),
            (path.to_owned(), "POST".to_owned(), false, 0),
        ]
    };
    assert_eq!(
        told,
        [wanted("/api/orders"), wanted("/api/orders/")].concat()
    );
    assert_eq!(spec["http"][0]["timeout"], "4s", "the shorter of two");
}

#[test]
fn one_replica_can_be_taken_out() {
    let spec = one(&documents(SHOP), "DestinationRule", "order-service");
    let outliers = &spec["trafficPolicy"]["outlierDetection"];
    assert_eq!(outliers["maxEjectionPercent"], 100);
    assert_eq!(outliers["minHealthPercent"], 0);
}

#[test]
fn replicas_are_taken_out_of_each_version_for_itself() {
    let file = SHOP.replace(
        "price-service: {timeout: 1s",
        "price-service: {outlier_detection: {max_ejection_percent: 10}, timeout: 1s",
    );
    let file = file.replace("port: 3002", "port: 3002\n    replicas: 10");
    let rule = one(&documents(&file), "DestinationRule", "price-service");
    let most =
        |place: &Value| place["trafficPolicy"]["outlierDetection"]["maxEjectionPercent"].as_u64();
    assert_eq!(most(&rule), Some(10));
    let versions = rule["subsets"].as_array().unwrap();
    let told: Vec<_> = versions.iter().map(most).collect();
    assert_eq!(
        told,
        [Some(12), Some(100)],
        "9 replicas of one version, 1 of the other"
    );
}

#[test]
fn versions_are_subsets_of_one_host() {
    let all = documents(SHOP);
    let rule = one(&all, "DestinationRule", "price-service");
    assert_eq!(rule["subsets"][1]["labels"]["version"], "v2");
    let routes = one(&all, "VirtualService", "price-service");
    let shares = &routes["http"][0]["route"];
    assert_eq!(
        (shares[0]["weight"].as_u64(), shares[1]["weight"].as_u64()),
        (Some(90), Some(10))
    );
    assert_eq!(
        shares[0]["destination"]["host"],
        shares[1]["destination"]["host"]
    );
}

#[test]
fn tokens_and_scopes_are_asked_for_where_istio_can_read_the_keys() {
    let file = SHOP
        .replace("idempotency_key: header, public: true", "scope: 'orders:write'")
        .replace("gateway:\n", "gateway:\n  authentication: {type: JWT, algorithms: [RS256], jwks: 'https://id.example/keys', issuer: 'https://id.example', audience: shop}\n");
    let all = documents(&file);
    let tokens = one(&all, "RequestAuthentication", "order-service");
    assert_eq!(tokens["jwtRules"][0]["jwksUri"], "https://id.example/keys");
    let policy = one(&all, "AuthorizationPolicy", "order-service");
    let rule = &policy["rules"][0];
    assert_eq!(rule["when"][0]["values"][0], "orders:write");
    assert_eq!(rule["from"][0]["source"]["requestPrincipals"][0], "*");
}

#[test]
fn a_system_outside_whose_host_a_variable_tells_is_named_where_there_is_no_entry() {
    let outside = |url: &str| {
        let file = SHOP
            .replace("calls: [", "calls: [{to: bank, operations: [pay], timeout: 1s}, ")
            .replace("gateway:\n", &format!("externals:\n  bank: {{url: '{url}', endpoints: {{pay: {{method: POST, path: /pay}}}}}}\ngateway:\n"));
        let mut loaded = load_text("architecture.yaml", &file);
        let all = manifests(&lower(&document::read(&mut loaded).unwrap()));
        let entry = all.iter().any(|manifest| manifest.path == "outside.yaml");
        (
            entry,
            all[0]
                .about
                .join(" ")
                .contains("No ServiceEntry is here for bank"),
        )
    };
    assert_eq!(outside("https://bank.example"), (true, false));
    assert_eq!(outside("https://${BANK}"), (false, true));
}

/// Stores, broker, cache and collector have no sidecar where msarch deploys them, so what selects their pods would never hold.
#[test]
fn whatever_selects_pods_selects_those_that_have_a_sidecar() {
    for document in documents(SHOP) {
        let selected = &document["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"];
        let known = ["order-service", "price-service", "gateway"];
        if let Some(name) = selected.as_str() {
            assert!(known.contains(&name), "{document}");
        }
    }
}
