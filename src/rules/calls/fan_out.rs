//! A service that asks everybody knows too much, and waits for the slowest.

use crate::graph::{Graph, coupling};
use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("fan-out"),
    family: Family::Calls,
    severity: Severity::Warn,
    required: false,
    summary: "a service calls more than eight others",
    docs: include_str!("fan_out.md"),
    check: Check::Limited { limit: 8.0, check },
};

fn check(graph: &Graph<'_>, limit: f64) -> Vec<Finding> {
    let services = graph.model.services.ids();
    services
        .filter_map(|service| finding(graph.model, service, limit))
        .collect()
}

fn finding(model: &Model, id: ServiceId, limit: f64) -> Option<Finding> {
    let service = &model.services[id];
    let order = coupling::asked(model, id);
    let number = order.len();
    if number as f64 <= limit {
        return None;
    }
    let names = order.iter().map(|(party, _)| model.name_of(*party));
    let message = format!(
        "{} calls {number} others, more than {limit}: {}",
        service.name,
        words::some(names, 6)
    );
    let mut finding = RULE
        .finding(service.name.span(), message)
        .here(format!("knows {number} others"));
    for (at, (_, call)) in order.iter().enumerate().take(2) {
        let text = if at == 0 {
            "the first of them"
        } else {
            "and so on"
        };
        finding = finding.label(model.calls[*call].span, text);
    }
    Some(
        finding
            .about(service.name.as_str())
            .help("split it along what its operations are for, make a long flow a saga, or keep copies of what others publish"),
    )
}
