//! Two processes cannot listen on one port.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("port-used-twice"),
    family: Family::Names,
    severity: Severity::Error,
    required: true,
    summary: "two parts of the system listen on the same port",
    docs: include_str!("port_used_twice.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let mut taken: BTreeMap<u16, (String, Span)> = BTreeMap::new();
    let mut findings = Vec::new();
    for (port, name, span) in listeners(graph) {
        match taken.get(&port) {
            Some((other, first)) => findings.push(
                RULE.finding(
                    span,
                    format!("{other} and {name} both listen on port {port}"),
                )
                .here(format!("port {port} again"))
                .label(*first, format!("port {port} of {other}"))
                .about(name)
                .about(other)
                .help("give one of them another port"),
            ),
            None => {
                taken.insert(port, (name, span));
            }
        }
    }
    findings
}

fn listeners(graph: &Graph<'_>) -> Vec<(u16, String, Span)> {
    let services = graph.model.services.iter();
    let mut listeners: Vec<_> = services
        .map(|service| (service.port, service.name.to_string(), service.name.span()))
        .collect();
    if let Some(gateway) = &graph.model.gateway {
        listeners.push((gateway.port, "the gateway".to_owned(), gateway.span));
        if let Some(monitoring) = gateway.monitoring {
            listeners.push((
                monitoring.port,
                "the gateway's admin page".to_owned(),
                gateway.span,
            ));
        }
    }
    listeners
}
