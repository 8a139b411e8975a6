//! Code that nobody can hold in mind is changed by guessing.

use crate::graph::Graph;
use crate::model::service::Service;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("code-size"),
    family: Family::Sizing,
    severity: Severity::Warn,
    required: false,
    summary: "a service has more than 50,000 lines of code",
    docs: include_str!("code_size.md"),
    check: Check::Limited {
        limit: 50_000.0,
        check,
    },
};

fn check(graph: &Graph<'_>, limit: f64) -> Vec<Finding> {
    graph
        .model
        .services
        .iter()
        .filter_map(|service| finding(graph, service, limit))
        .collect()
}

fn finding(graph: &Graph<'_>, service: &Service, limit: f64) -> Option<Finding> {
    let counted = graph.observations.lines.get(&service.name.kebab());
    let stated = service.loc.as_ref();
    let lines = counted
        .copied()
        .or_else(|| stated.map(|stated| stated.value))?;
    if lines as f64 <= limit {
        return None;
    }
    let message = format!(
        "{} has {} lines of code; more than {} is large",
        service.name,
        words::thousands(lines),
        words::thousands(limit as u64)
    );
    let span = stated
        .filter(|_| counted.is_none())
        .map_or(service.name.span(), |stated| stated.span);
    let label = if counted.is_some() {
        "counted in the workspace"
    } else {
        "stated here"
    };
    Some(
        RULE.finding(span, message)
            .here(label)
            .about(service.name.as_str())
            .help("consider splitting it along its capabilities or resources"),
    )
}
