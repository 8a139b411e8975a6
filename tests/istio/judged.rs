//! Our own rules over our own output: silent as it is, and each speaks up where it is broken.

use msarch::graph::Graph;
use msarch::graph::observations::Observations;
use msarch::model::Model;
use msarch::rules::{Check, Family, RULES};
use msarch::syntax::source::SourceId;
use msarch::syntax::yaml::{Node, parse};
use serde_json::{Value, json};

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

/// The rules that speak up where one document of the shop's is changed.
fn broken(kind: &str, name: &str, change: impl Fn(&mut Value)) -> Vec<String> {
    let mut model = meshed("examples/ecommerce.yaml");
    let mut found = false;
    let nodes: Vec<Node> = emitted(&model)
        .into_iter()
        .map(|node| {
            let mut json = node.to_json();
            if json["kind"] != kind || json["metadata"]["name"] != name {
                return node;
            }
            found = true;
            change(&mut json["spec"]);
            let read = parse(&json.to_string(), SourceId::default());
            read.root.expect("JSON is YAML")
        })
        .collect();
    assert!(found, "no {kind} {name}");
    told(&mut model, nodes)
}

#[test]
fn every_rule_speaks_up_where_the_output_is_broken() {
    type Change = fn(&mut Value);
    let cases: &[(&str, &str, &str, Change)] = &[
        (
            "virtual-service-without-host-or-destination",
            "VirtualService",
            "order-service",
            |spec| {
                spec["http"][0].as_object_mut().unwrap().remove("route");
            },
        ),
        (
            "virtual-service-without-host-or-destination",
            "VirtualService",
            "order-service",
            |spec| {
                spec.as_object_mut().unwrap().remove("hosts");
            },
        ),
        (
            "unknown-mesh-host-or-subset",
            "VirtualService",
            "customer-service",
            |spec| {
                spec["http"][0]["route"][1]["destination"]["subset"] = json!("v9");
            },
        ),
        (
            "unknown-mesh-host-or-subset",
            "DestinationRule",
            "order-service",
            |spec| {
                spec["host"] = json!("orders.shop.svc.cluster.local");
            },
        ),
        (
            "bad-weights",
            "VirtualService",
            "customer-service",
            |spec| {
                spec["http"][0]["route"][1]["weight"] = json!(5);
            },
        ),
        (
            "deprecated-or-unknown-field",
            "DestinationRule",
            "customer-service",
            |spec| {
                spec["trafficPolicy"]["outlierDetection"]["consecutiveErrors"] = json!(5);
            },
        ),
        (
            "deprecated-or-unknown-field",
            "AuthorizationPolicy",
            "order-service",
            |spec| {
                spec["action"] = json!("PERMIT");
            },
        ),
        (
            "unreachable-mesh-rule",
            "VirtualService",
            "gateway",
            |spec| {
                let first = spec["http"][0].clone();
                spec["http"].as_array_mut().unwrap().push(first);
            },
        ),
        (
            "mtls-missing-or-contradictory",
            "DestinationRule",
            "order-service",
            |spec| {
                spec["trafficPolicy"]["tls"]["mode"] = json!("DISABLE");
            },
        ),
        (
            "mtls-missing-or-contradictory",
            "PeerAuthentication",
            "default",
            |spec| {
                spec["mtls"]["mode"] = json!("PERMISSIVE");
            },
        ),
        (
            "retry-budget-exceeds-timeout",
            "VirtualService",
            "order-service",
            |spec| {
                spec["http"][0]["retries"] = json!({"attempts": 3, "perTryTimeout": "2s"});
            },
        ),
        (
            "route-shadowed-or-too-broad",
            "VirtualService",
            "gateway",
            |spec| {
                spec["http"][0]["match"][0]["uri"] = json!({"prefix": "/api/customers"});
            },
        ),
        (
            "incomplete-circuit-breaker",
            "DestinationRule",
            "customer-service",
            |spec| {
                spec["trafficPolicy"]["outlierDetection"]["maxEjectionPercent"] = json!(0);
            },
        ),
    ];
    for (rule, kind, name, change) in cases {
        let told = broken(kind, name, change);
        let found = told
            .iter()
            .any(|told| told.starts_with(&format!("{rule}:")));
        assert!(
            found,
            "{rule} is silent over a broken {kind} {name}\n{}",
            told.join("\n")
        );
    }
}
