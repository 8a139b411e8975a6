//! A step is undone once, by the service that did it.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::name::Name;
use crate::model::saga::{ListedCompensation, Saga, Step};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("compensation-target-mismatch"),
    family: Family::Sagas,
    severity: Severity::Error,
    required: false,
    summary: "a step is undone by another service than did it, or in two ways",
    docs: include_str!("compensation_target_mismatch.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let sagas = graph.model.sagas.iter();
    sagas.flat_map(|saga| of_saga(graph, saga)).collect()
}

fn of_saga(graph: &Graph<'_>, saga: &Saga) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut first: BTreeMap<usize, &Name> = BTreeMap::new();
    for (index, step) in saga.steps.iter().enumerate() {
        if let Some(own) = &step.compensation {
            first.insert(index, &own.action);
        }
    }
    for listed in &saga.listed_compensations {
        let Some(index) = listed.found else { continue };
        let step = &saga.steps[index];
        let used = *first.entry(index).or_insert(&listed.action);
        if used.span() != listed.action.span() {
            findings.push(twice(saga, step, used, listed));
        }
        findings.extend(elsewhere(graph, saga, step, listed));
    }
    findings
}

fn twice(saga: &Saga, step: &Step, used: &Name, listed: &ListedCompensation) -> Finding {
    let finding = RULE
        .finding(
            listed.action.span(),
            format!("{} is undone in two ways: only {used} runs", step.action),
        )
        .here("never runs")
        .label(used.span(), "this one runs")
        .label(step.action.span(), "the step");
    about(finding, saga, step).help("keep one of them")
}

fn elsewhere(
    graph: &Graph<'_>,
    saga: &Saga,
    step: &Step,
    listed: &ListedCompensation,
) -> Option<Finding> {
    let (named, own) = (listed.service.as_ref()?, step.service?);
    if named.value == own {
        return None;
    }
    let (other, own) = (
        &graph.model.services[named.value].name,
        &graph.model.services[own].name,
    );
    let message = format!(
        "{} undoes {} in {other}, but {own} did it",
        listed.action, step.action
    );
    let finding = RULE
        .finding(named.span, message)
        .here(format!(
            "{other} has neither the data nor the record of the step"
        ))
        .label(step.action.span(), format!("done by {own}"));
    let help = format!(
        "write `service: {own}`, or leave `service` out; what {other} has to do is a step of its own"
    );
    Some(about(finding, saga, step).help(help))
}

fn about(finding: Finding, saga: &Saga, step: &Step) -> Finding {
    finding
        .about(format!("{}.{}", saga.name, step.action))
        .about(saga.name.as_str())
}
