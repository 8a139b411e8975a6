//! A breaker that never counts, or never stays open, breaks nothing.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::graph::mesh::{Manifest, duration};
use crate::model::platform::MeshService;
use crate::model::policy::CircuitBreaker;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;
use crate::syntax::yaml::Node;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("incomplete-circuit-breaker"),
    family: Family::Resilience,
    severity: Severity::Error,
    required: false,
    summary: "a circuit breaker can never open, or closes again at once",
    docs: include_str!("incomplete_circuit_breaker.md"),
    check: Check::Graph(check),
};

/// Where a breaker is used, and by whom.
type Users = Vec<(Span, String)>;

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let calls = graph.model.calls.iter().filter_map(|call| {
        let breaker = call.circuit_breaker.as_ref()?;
        let from = &graph.model.services[call.from].name;
        let to = graph.model.name_of(call.to);
        Some((breaker, call.span, format!("{from} -> {to}")))
    });
    let routes = graph
        .model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes);
    let routes = routes.filter_map(|route| {
        let breaker = route.circuit_breaker.as_ref()?;
        Some((breaker, route.path.span, route.path.value.clone()))
    });
    // A policy that many share is told once, at its own place.
    let mut users: BTreeMap<Span, (&CircuitBreaker, Users)> = BTreeMap::new();
    for (breaker, place, user) in calls.chain(routes) {
        let known = users.entry(breaker.span).or_insert((breaker, Vec::new()));
        known.1.push((place, user));
    }
    let breakers = users.into_values();
    let breakers = breakers.filter_map(|(breaker, users)| finding(breaker, &users));
    let mesh = graph.model.mesh.iter().flat_map(|mesh| &mesh.services);
    let mesh = mesh.filter_map(|policy| of_mesh(graph, policy));
    let manifests = graph.manifests.iter();
    let manifests = manifests.filter(|manifest| manifest.is("DestinationRule"));
    let raw = manifests.flat_map(|manifest| {
        let detections = outlier_detections(manifest).into_iter();
        detections.filter_map(|node| of_manifest(manifest, node))
    });
    breakers.chain(mesh).chain(raw).collect()
}

/// The mesh's breaker: it takes a replica out.
fn of_mesh(graph: &Graph<'_>, policy: &MeshService) -> Option<Finding> {
    let outlier = policy.outlier_detection.as_ref()?;
    let (what, key, value) = if outlier.max_ejection_percent == 0 {
        (
            "takes out 0 % of the replicas, which is none",
            "max_ejection_percent",
            "50",
        )
    } else if outlier.base_ejection_time.is_zero() {
        (
            "takes a replica out for no time",
            "base_ejection_time",
            "30s",
        )
    } else if outlier.interval.is_zero() {
        ("never looks at the replicas", "interval", "10s")
    } else {
        return None;
    };
    let service = &graph.model.services[policy.service].name;
    let message =
        format!("the outlier detection of {service} {what}: it never keeps a request back");
    let finding = RULE
        .finding(outlier.span, message)
        .here(format!("`{key}` is 0"))
        .about(service.as_str());
    Some(finding.help(format!("write `{key}: {value}`, or leave it out")))
}

fn outlier_detections<'m>(manifest: &Manifest<'m>) -> Vec<&'m Node> {
    let subsets = manifest.spec("subsets").and_then(Node::as_list);
    let subsets = subsets.into_iter().flatten();
    let policies = subsets.filter_map(|subset| subset.get("trafficPolicy"));
    let policies = manifest.spec("trafficPolicy").into_iter().chain(policies);
    policies
        .filter_map(|policy| policy.get("outlierDetection"))
        .collect()
}

fn of_manifest(manifest: &Manifest<'_>, detection: &Node) -> Option<Finding> {
    let nothing = |key: &str| {
        let node = detection.get(key)?;
        let text = node.as_str()?;
        let is_nothing = text == "0" || duration(text).is_some_and(|time| time.is_zero());
        is_nothing.then_some((key.to_owned(), node.span))
    };
    let counts = ["consecutive5xxErrors", "consecutiveErrors"];
    // Errors of the gateway kind alone (502, 503, 504) are a count too.
    let counted = detection.get("consecutiveGatewayErrors").is_some();
    let count = counts
        .iter()
        .filter(|_| !counted)
        .find_map(|key| nothing(key));
    let others = ["maxEjectionPercent", "baseEjectionTime", "interval"];
    let (key, span) = count.or_else(|| others.iter().find_map(|key| nothing(key)))?;
    let message = format!(
        "the outlier detection of {} never keeps a request back",
        manifest.title()
    );
    let finding = RULE.finding(span, message).here(format!("`{key}` is 0"));
    Some(
        finding
            .about(manifest.name)
            .help(format!("give `{key}` a value above 0, or leave it out")),
    )
}

fn finding(breaker: &CircuitBreaker, users: &Users) -> Option<Finding> {
    let (message, here, help) = if breaker.monitor_window.is_zero() {
        (
            "a circuit breaker counts failures within no time: it never opens",
            "`monitor_window` is 0",
            "write `monitor_window: 60s`, or leave it out",
        )
    } else if breaker.recovery_timeout.is_zero() {
        (
            "a circuit breaker stays open for no time: it never keeps a call back",
            "`recovery_timeout` is 0",
            "write `recovery_timeout: 30s`, or leave it out",
        )
    } else {
        return None;
    };
    let mut finding = RULE.finding(breaker.span, message).here(here);
    for (place, user) in users.iter().take(3) {
        finding = finding.label(*place, "relies on it").about(user.as_str());
    }
    Some(finding.help(help))
}
