//! A place in a path has one name, or requests cannot be told apart.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::endpoint::{Endpoint, Segment};
use crate::model::name::Name;
use crate::model::service::Service;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("ambiguous-path"),
    family: Family::Names,
    severity: Severity::Error,
    required: true,
    summary: "one place in the paths of a service has two parameter names, or one path names a parameter twice",
    docs: include_str!("ambiguous_path.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    graph
        .model
        .services
        .iter()
        .flat_map(|service| of_service(graph, service))
        .collect()
}

fn of_service(graph: &Graph<'_>, service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut places: BTreeMap<String, (&Name, &Endpoint)> = BTreeMap::new();
    for endpoint in service
        .endpoints
        .iter()
        .map(|id| &graph.model.endpoints[*id])
    {
        let mut prefix = String::new();
        for segment in &endpoint.segments {
            prefix.push('/');
            match segment {
                Segment::Literal(text) => prefix.push_str(text),
                Segment::Parameter(name) => {
                    let (first, other) = *places.entry(prefix.clone()).or_insert((name, endpoint));
                    if first.as_str() != name.as_str() {
                        findings.push(finding(endpoint, name, other, first));
                        break;
                    }
                    prefix.push_str("{}");
                }
            }
        }
    }
    findings
}

fn finding(endpoint: &Endpoint, name: &Name, other: &Endpoint, first: &Name) -> Finding {
    let message = format!(
        "{} calls a place in its path {{{name}}}, {} calls it {{{first}}}",
        endpoint.name, other.name
    );
    RULE.finding(endpoint.path.span, message)
        .here(format!("{{{name}}} here"))
        .label(other.path.span, format!("{{{first}}} here"))
        .about(endpoint.name.as_str())
        .about(other.name.as_str())
        .help("give the place one name in all paths")
}
