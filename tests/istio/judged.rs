//! Our own rules over our own output: silent as it is, and each speaks up where it is broken.

use msarch::graph::Graph;
use msarch::graph::observations::Observations;
use msarch::model::Model;
use msarch::rules::{Check, Family, RULES};
use msarch::syntax::source::SourceId;
use msarch::syntax::yaml::{Node, parse};
use serde_json::Value;

use super::{emitted, every, meshed};

/// The rules that look into manifests.
fn told(model: &mut Model, nodes: Vec<Node>) -> Vec<String> {
    model.mesh.as_mut().expect("a mesh").manifests = nodes;
    let graph = Graph::new(model, Observations::default());
    let looks_inside = |id: &str| {
        matches!(
            id,
            "route-shadowed-or-too-broad" | "incomplete-circuit-breaker"
        )
    };
    let rules = RULES
        .iter()
        .filter(|rule| rule.family == Family::Mesh || looks_inside(rule.id.as_str()));
    let findings = rules.flat_map(|rule| match rule.check {
        Check::Graph(check) => check(&graph),
        _ => Vec::new(),
    });
    findings
        .map(|finding| format!("{}: {}", finding.rule, finding.message))
        .collect()
}

#[test]
fn nothing_is_wrong_with_what_is_emitted() {
    for path in every() {
        let mut model = meshed(&path);
        let nodes = emitted(&model);
        let told = told(&mut model, nodes);
        assert!(told.is_empty(), "{path}\n{}", told.join("\n"));
    }
}

/// The rules that speak up where one place in one document of the shop's is changed, or taken away.
fn broken(kind: &str, name: &str, (place, value): (&str, &str)) -> Vec<String> {
    let mut model = meshed("examples/ecommerce.yaml");
    let mut nodes = emitted(&model);
    let changed = nodes.iter_mut().find(|node| {
        let json = node.to_json();
        json["kind"] == kind && json["metadata"]["name"] == name
    });
    let changed = changed.unwrap_or_else(|| panic!("no {kind} {name}"));
    let mut json = changed.to_json();
    let (parent, key) = place.rsplit_once('/').expect("a place");
    let parent = json["spec"]
        .pointer_mut(parent)
        .expect("the parent is there");
    match (serde_json::from_str(value).expect("JSON"), parent) {
        (Value::Null, Value::Object(map)) => {
            map.shift_remove(key).expect("it was there");
        }
        (value, Value::Object(map)) => {
            map.insert(key.to_owned(), value);
        }
        (_, other) => panic!("{other} is no map"),
    }
    *changed = parse(&json.to_string(), SourceId::default())
        .root
        .expect("JSON is YAML");
    told(&mut model, nodes)
}

const HTTP: &str = "VirtualService";
const POLICY: &str = "DestinationRule";

/// Each rule, where it is to speak up, and what is written there.
const CASES: &[(&str, &str, &str, (&str, &str))] = &[
    (
        "virtual-service-without-host-or-destination",
        HTTP,
        "order-service",
        ("/http/0/route", "null"),
    ),
    (
        "virtual-service-without-host-or-destination",
        HTTP,
        "order-service",
        ("/hosts", "null"),
    ),
    (
        "unknown-mesh-host-or-subset",
        HTTP,
        "customer-service",
        ("/http/0/route/1/destination/subset", "\"v9\""),
    ),
    (
        "unknown-mesh-host-or-subset",
        POLICY,
        "order-service",
        ("/host", "\"orders.shop.svc.cluster.local\""),
    ),
    (
        "bad-weights",
        HTTP,
        "customer-service",
        ("/http/0/route/1/weight", "5"),
    ),
    (
        "deprecated-or-unknown-field",
        POLICY,
        "customer-service",
        ("/trafficPolicy/outlierDetection/consecutiveErrors", "5"),
    ),
    (
        "deprecated-or-unknown-field",
        "AuthorizationPolicy",
        "order-service",
        ("/action", "\"PERMIT\""),
    ),
    (
        "unreachable-mesh-rule",
        HTTP,
        "gateway",
        ("/http/0/match", "[{\"uri\": {\"prefix\": \"/\"}}]"),
    ),
    (
        "mtls-missing-or-contradictory",
        POLICY,
        "order-service",
        ("/trafficPolicy/tls/mode", "\"DISABLE\""),
    ),
    (
        "mtls-missing-or-contradictory",
        "PeerAuthentication",
        "default",
        ("/mtls/mode", "\"PERMISSIVE\""),
    ),
    (
        "retry-budget-exceeds-timeout",
        HTTP,
        "order-service",
        (
            "/http/0/retries",
            "{\"attempts\": 3, \"perTryTimeout\": \"2s\"}",
        ),
    ),
    (
        "route-shadowed-or-too-broad",
        HTTP,
        "gateway",
        (
            "/http/0/match",
            "[{\"uri\": {\"prefix\": \"/api/customers\"}}]",
        ),
    ),
    (
        "incomplete-circuit-breaker",
        POLICY,
        "customer-service",
        ("/trafficPolicy/outlierDetection/maxEjectionPercent", "0"),
    ),
];

#[test]
fn every_rule_speaks_up_where_the_output_is_broken() {
    for (rule, kind, name, change) in CASES {
        let told = broken(kind, name, *change);
        let found = told
            .iter()
            .any(|told| told.starts_with(&format!("{rule}:")));
        assert!(
            found,
            "{rule} is silent over a broken {kind} {name}\n{}",
            told.join("\n")
        );
    }
    let of_the_mesh = RULES.iter().filter(|rule| rule.family == Family::Mesh);
    for rule in of_the_mesh {
        let shown = CASES.iter().any(|(id, ..)| *id == rule.id.as_str());
        assert!(shown, "{} is not shown on broken output", rule.id);
    }
}
