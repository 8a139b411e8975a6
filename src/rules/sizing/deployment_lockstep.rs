//! Services that must be deployed together are one service in several processes.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("deployment-lockstep"),
    family: Family::Sizing,
    severity: Severity::Warn,
    required: false,
    summary: "services cannot be deployed one without the other",
    docs: include_str!("deployment_lockstep.md"),
    check: Check::Graph(check),
};

/// Services bound by one thing, each with the place that says so.
type Bound = Vec<(ServiceId, Span)>;

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings = units(graph.model);
    findings.extend(libraries(graph));
    findings.extend(startup(graph));
    findings
}

fn units(model: &Model) -> Vec<Finding> {
    let mut units: BTreeMap<&str, Bound> = BTreeMap::new();
    for (id, service) in model.services.entries() {
        if let Some(unit) = &service.release_unit {
            units.entry(unit).or_default().push((id, unit.span));
        }
    }
    for (unit, services) in &model.deployment.units {
        units
            .entry(unit)
            .or_default()
            .extend(services.iter().map(|service| (service.value, service.span)));
    }
    let shared = units.into_iter().filter_map(|(unit, bound)| {
        let finding = bind(model, bound, &format!("released together as \"{unit}\""))?;
        Some(finding.help("give each service a release unit of its own"))
    });
    shared.collect()
}

fn libraries(graph: &Graph<'_>) -> Vec<Finding> {
    let mut libraries: BTreeMap<&str, Bound> = BTreeMap::new();
    for (id, service) in graph.model.services.entries() {
        for library in &service.libraries {
            libraries
                .entry(library)
                .or_default()
                .push((id, library.span));
        }
    }
    for (library, users) in graph.observations.libraries() {
        let services = graph
            .model
            .services
            .entries()
            .filter(|(_, service)| users.contains(&service.name.kebab().as_str()));
        libraries
            .entry(library)
            .or_default()
            .extend(services.map(|(id, service)| (id, service.name.span())));
    }
    let shared = libraries.into_iter().filter_map(|(library, bound)| {
        let finding = bind(graph.model, bound, &format!("built on one library with domain types, \"{library}\""))?;
        Some(finding.help("let each service have its own types, and share contracts: events and API types by version"))
    });
    shared.collect()
}

fn bind(model: &Model, mut bound: Bound, how: &str) -> Option<Finding> {
    bound.sort_by_key(|(service, span)| (*service, *span));
    bound.dedup_by_key(|(service, _)| *service);
    if bound.len() < 2 {
        return None;
    }
    let names = words::some(
        bound
            .iter()
            .map(|(service, _)| &model.services[*service].name),
        6,
    );
    let mut finding = RULE
        .finding(bound[1].1, format!("{names} are {how}"))
        .here("bound to the others here");
    for (index, (service, span)) in bound.iter().enumerate() {
        let name = &model.services[*service].name;
        if index != 1 {
            finding = finding.label(*span, format!("binds {name}"));
        }
        finding = finding.about(name.as_str());
    }
    Some(finding)
}

fn startup(graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for service in graph.model.services.iter() {
        for wanted in &service.starts_after {
            let other = &graph.model.services[wanted.value].name;
            let calls = service
                .calls
                .iter()
                .any(|call| graph.model.calls[*call].to == Party::Service(wanted.value));
            let (message, help) = if calls {
                (
                    format!("{} waits for {other} when it starts", service.name),
                    "start without it, and answer 503 until it is there: a breaker and readiness do that",
                )
            } else {
                (
                    format!(
                        "{} waits for {other} when it starts, but never calls it",
                        service.name
                    ),
                    "drop the dependency",
                )
            };
            findings.push(
                RULE.finding(wanted.span, message)
                    .here("cannot start alone")
                    .about(service.name.as_str())
                    .help(help),
            );
        }
    }
    findings
}
