//! A service is easiest to change when it does one thing for the business.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::arena::ServiceId;
use crate::model::name::Name;
use crate::model::service::Service;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("multiple-capabilities"),
    family: Family::Sizing,
    severity: Severity::Info,
    required: false,
    summary: "a service carries several business capabilities",
    docs: include_str!("multiple_capabilities.md"),
    check: Check::Limited { limit: 1.0, check },
};

fn check(graph: &Graph<'_>, limit: f64) -> Vec<Finding> {
    let named: BTreeMap<&str, ServiceId> = graph
        .model
        .services
        .entries()
        .map(|(id, service)| (stem(service), id))
        .collect();
    let crowded = graph
        .model
        .services
        .entries()
        .filter(|(_, service)| service.capabilities.len() as f64 > limit);
    crowded
        .map(|(id, service)| finding(graph, &named, id, service))
        .collect()
}

fn finding(
    graph: &Graph<'_>,
    named: &BTreeMap<&str, ServiceId>,
    id: ServiceId,
    service: &Service,
) -> Finding {
    let names = words::some(
        service
            .capabilities
            .iter()
            .map(|capability| &capability.value),
        6,
    );
    let number = service.capabilities.len();
    let message = format!(
        "{} carries {number} business capabilities ({names})",
        service.name
    );
    let mut finding = RULE
        .finding(service.capabilities[0].span, message)
        .here("the first of them")
        .about(service.name.as_str());
    let mut elsewhere = false;
    for capability in &service.capabilities {
        if let Some(other) = twin(named, id, capability).map(|other| &graph.model.services[other]) {
            elsewhere = true;
            finding = finding.label(
                capability.span,
                format!("{} exists as a service of its own", other.name),
            );
        }
    }
    finding.help(if elsewhere {
        "leave to the other service what it is named for; name what remains by one word"
    } else {
        "give each capability a service of its own, or name the cohesive group by one word"
    })
}

/// Another service that is named after a part of a capability: `payment_processing` and `payment-service`.
fn twin(named: &BTreeMap<&str, ServiceId>, own: ServiceId, capability: &str) -> Option<ServiceId> {
    let capability = Name::snake_of(capability);
    let words: Vec<&str> = capability.split('_').take(8).collect();
    let parts =
        (0..words.len()).flat_map(|start| (start + 1..=words.len()).map(move |end| (start, end)));
    let found = parts.filter_map(|(start, end)| named.get(words[start..end].join("_").as_str()));
    found.copied().find(|other| *other != own)
}

fn stem(service: &Service) -> &str {
    service.name.snake().trim_end_matches("_service")
}
