//! A service that offers everything is a monolith with an address.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::arena::ServiceId;
use crate::model::endpoint::{Endpoint, Segment};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("too-many-endpoints"),
    family: Family::Sizing,
    severity: Severity::Warn,
    required: false,
    summary: "a service has twenty public endpoints or more",
    docs: include_str!("too_many_endpoints.md"),
    check: Check::Limited { limit: 20.0, check },
};

/// First segments of what every service offers beside its work.
const BESIDE: &[&str] = &[
    "",
    "health",
    "healthz",
    "live",
    "livez",
    "metrics",
    "openapi.json",
    "openapi.yaml",
    "ready",
    "readyz",
    "status",
    "version",
];

fn check(graph: &Graph<'_>, limit: f64) -> Vec<Finding> {
    graph
        .model
        .services
        .ids()
        .filter_map(|service| finding(graph, service, limit))
        .collect()
}

fn finding(graph: &Graph<'_>, id: ServiceId, limit: f64) -> Option<Finding> {
    let service = &graph.model.services[id];
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    let mut number = 0;
    for endpoint in service
        .endpoints
        .iter()
        .map(|endpoint| &graph.model.endpoints[*endpoint])
    {
        let resource = resource(endpoint);
        if !BESIDE.contains(&resource) {
            number += 1;
            *groups.entry(resource).or_default() += 1;
        }
    }
    if (number as f64) < limit {
        return None;
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(resource, count)| (std::cmp::Reverse(*count), *resource));
    let spelt = words::some(
        groups
            .iter()
            .map(|(resource, count)| format!("{resource} ({count})")),
        6,
    );
    let message = format!(
        "{} has {number} public endpoints; the limit is fewer than {limit}",
        service.name
    );
    let finding = RULE
        .finding(service.name.span(), message)
        .about(service.name.as_str());
    Some(match groups.len() {
        1 => finding
            .here(format!("all about one resource: {spelt}"))
            .help("join operations that are always called together into task-shaped ones"),
        count => finding
            .here(format!("they fall into {count} resources: {spelt}"))
            .help("split the service along its resources"),
    })
}

/// The first fixed segment that says what an endpoint is about: neither `api` nor a version.
fn resource(endpoint: &Endpoint) -> &str {
    let fixed = endpoint
        .segments
        .iter()
        .filter_map(|segment| match segment {
            Segment::Literal(text) => Some(text.as_str()),
            Segment::Parameter(_) => None,
        });
    let version = |text: &str| {
        text.strip_prefix('v')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    fixed
        .into_iter()
        .find(|text| *text != "api" && !version(text))
        .unwrap_or("")
}
