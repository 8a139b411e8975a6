//! One method and path leads to one operation.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::endpoint::{Endpoint, Segment};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("duplicate-operation"),
    family: Family::Names,
    severity: Severity::Error,
    required: true,
    summary: "two endpoints of a service have the same method and path",
    docs: include_str!("duplicate_operation.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for service in graph.model.services.iter() {
        let mut seen: BTreeMap<(&str, String), &Endpoint> = BTreeMap::new();
        for endpoint in service
            .endpoints
            .iter()
            .map(|id| &graph.model.endpoints[*id])
        {
            let key = (endpoint.method.as_str(), shape(&endpoint.segments));
            match seen.get(&key) {
                Some(first) => findings.push(finding(service.name.as_str(), first, endpoint)),
                None => {
                    seen.insert(key, endpoint);
                }
            }
        }
    }
    findings
}

/// A path without the names of its parameters: `/orders/{}`.
fn shape(segments: &[Segment]) -> String {
    let parts = segments.iter().map(|segment| match segment {
        Segment::Literal(text) => text.as_str(),
        Segment::Parameter(_) => "{}",
    });
    parts.fold(String::new(), |path, part| path + "/" + part)
}

fn finding(service: &str, first: &Endpoint, again: &Endpoint) -> Finding {
    let message = format!(
        "{} and {} of {service} both answer {} {}",
        first.name,
        again.name,
        again.method.as_str(),
        again.path
    );
    RULE.finding(again.path.span, message)
        .here("the same method and path")
        .label(first.path.span, format!("{} answers it", first.name))
        .about(again.name.as_str())
        .about(first.name.as_str())
        .help("give one of them another path or method, or remove it")
}
