//! What is allowed is what is declared: no more and no less, to method and path.

use std::collections::BTreeSet;

use msarch::graph::Graph;
use msarch::graph::observations::Observations;
use msarch::model::Model;
use msarch::model::arena::EndpointId;
use msarch::model::endpoint::{Method, Segment};
use msarch::model::service::Party;
use serde_json::Value;

use super::{emitted, every, meshed};

/// Who may ask whom, by which method, for which path.
type Edge = (String, String, String, String);

const DOOR: &str = "cluster.local/ns/istio-system/sa/istio-ingressgateway";

/// The edges that the architecture declares.
fn declared(model: &Model) -> BTreeSet<Edge> {
    let mut edges = BTreeSet::new();
    let mut declare = |from: &str, id: EndpointId| {
        let endpoint = &model.endpoints[id];
        let Party::Service(to) = endpoint.owner else {
            return;
        };
        let mut path = String::new();
        for segment in &endpoint.segments {
            path.push('/');
            match segment {
                Segment::Literal(text) => path.push_str(text),
                Segment::Parameter(_) => path.push_str("{*}"),
            }
        }
        let mut methods = vec![endpoint.method.as_str()];
        if endpoint.method == Method::Get {
            methods.push("HEAD");
        }
        for method in methods {
            let to = model.services[to].name.kebab();
            edges.insert((from.to_owned(), to, method.to_owned(), path.clone()));
        }
    };
    for call in model.calls.iter() {
        let from = model.services[call.from].name.kebab();
        for operation in &call.operations {
            declare(&from, *operation);
        }
    }
    for route in Graph::new(model, Observations::default()).routes {
        for operation in route.operations {
            declare("the door", operation);
        }
    }
    edges
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items
        .filter_map(|item| Some(item.as_str()?.to_owned()))
        .collect()
}

/// The edges that policies allow between services. Istio allows each method of an operation for each of its paths.
fn allowed(model: &Model, policies: &[Value]) -> BTreeSet<Edge> {
    let services: Vec<String> = model
        .services
        .iter()
        .map(|service| service.name.kebab())
        .collect();
    let mut edges = BTreeSet::new();
    for policy in policies
        .iter()
        .filter(|it| it["kind"] == "AuthorizationPolicy")
    {
        let spec = &policy["spec"];
        let to = spec["selector"]["matchLabels"]["app.kubernetes.io/name"].as_str();
        let Some(to) = to.filter(|to| services.iter().any(|service| service == to)) else {
            continue;
        };
        for rule in spec["rules"].as_array().expect("rules") {
            let sources = rule["from"].as_array().expect("somebody").iter();
            let from: Vec<String> = sources
                .flat_map(|from| texts(&from["source"]["principals"]))
                .collect();
            assert!(!from.is_empty(), "{to} lets in whoever comes: {rule}");
            for operation in rule["to"].as_array().expect("something").iter() {
                let operation = &operation["operation"];
                for principal in &from {
                    let from = match principal.as_str() {
                        DOOR => "the door",
                        other => other.rsplit('/').next().expect("an account"),
                    };
                    for method in texts(&operation["methods"]) {
                        for path in texts(&operation["paths"]) {
                            edges.insert((from.to_owned(), to.to_owned(), method.clone(), path));
                        }
                    }
                }
            }
        }
    }
    edges
}

fn policies(model: &Model) -> Vec<Value> {
    emitted(model).iter().map(|node| node.to_json()).collect()
}

#[test]
fn the_edges_allowed_are_the_edges_declared() {
    let mut compared = 0;
    for path in every() {
        let model = meshed(&path);
        let declared = declared(&model);
        assert_eq!(allowed(&model, &policies(&model)), declared, "{path}");
        compared += declared.len();
    }
    assert!(
        compared > 100,
        "{compared} edges are too few to mean anything"
    );
}

#[test]
fn an_edge_more_or_less_would_be_seen() {
    let model = meshed("examples/ecommerce.yaml");
    let declared = declared(&model);
    let mut broken = policies(&model);
    let policy = broken
        .iter_mut()
        .find(|it| it["kind"] == "AuthorizationPolicy" && it["metadata"]["name"] == "order-service")
        .expect("the policy of orders");
    let operation = &mut policy["spec"]["rules"][0]["to"][0]["operation"];
    operation["methods"]
        .as_array_mut()
        .expect("methods")
        .push("DELETE".into());
    assert_ne!(allowed(&model, &broken), declared);
    let mut broken = policies(&model);
    broken.retain(|it| it["metadata"]["name"] != "inventory-service");
    assert_ne!(allowed(&model, &broken), declared);
}

#[test]
fn nobody_may_where_nothing_is_declared() {
    for path in every() {
        let all = policies(&meshed(&path));
        let mut everywhere = all
            .iter()
            .filter(|it| it["kind"] == "AuthorizationPolicy" && it["spec"]["selector"].is_null());
        let deny = everywhere.next().expect("a policy for the whole namespace");
        assert_eq!(deny["spec"], serde_json::json!({}), "it allows nobody");
        assert!(
            everywhere.next().is_none(),
            "{path}: two policies for the whole namespace"
        );
        let each = all
            .iter()
            .filter(|it| it["kind"] == "AuthorizationPolicy" && !it["spec"]["selector"].is_null());
        for policy in each {
            assert_eq!(policy["spec"]["action"], "ALLOW");
            assert!(
                !policy["spec"]["rules"]
                    .as_array()
                    .expect("rules")
                    .is_empty()
            );
        }
    }
}
