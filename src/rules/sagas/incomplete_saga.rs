//! A saga begins somewhere, and whoever began it learns how it ended.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::model::saga::{Saga, Step, StepKind};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("incomplete-saga"),
    family: Family::Sagas,
    severity: Severity::Warn,
    required: false,
    summary: "nothing starts a saga, or its coordinator never learns how it ended",
    docs: include_str!("incomplete_saga.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let unresolved = graph.model.unresolved.iter();
    let roles: BTreeSet<&str> = unresolved.map(|name| name.role.as_str()).collect();
    // A trigger that leads nowhere is told where it is named.
    let told = |saga: &Saga| roles.contains(format!("trigger of saga {}", saga.name).as_str());
    let sagas = graph.model.sagas.iter().filter(|saga| !told(saga));
    sagas.filter_map(|saga| of_saga(graph, saga)).collect()
}

fn of_saga(graph: &Graph<'_>, saga: &Saga) -> Option<Finding> {
    let last = saga.steps.last()?;
    // Code that starts a saga with an input of its own may wait for the result.
    let own_input = !saga.input.fields.is_empty() && saga.trigger.is_none();
    let mut missing = Vec::new();
    if saga.trigger.is_none() && !own_input {
        missing.push("what starts it");
    }
    // A single step is a reaction rather than a transaction: nothing hangs on its end.
    let has_end = !own_input && saga.steps.len() > 1;
    if has_end && saga.on_success.is_none() && !is_coordinators(saga, last) {
        missing.push("what follows upon its success");
    }
    if has_end && saga.on_failure.is_none() && !undoes_own_step(saga) && can_fail(saga) {
        missing.push("what follows upon its failure");
    }
    (!missing.is_empty()).then(|| finding(graph, saga, last, &missing))
}

fn is_coordinators(saga: &Saga, step: &Step) -> bool {
    step.service.is_some() && step.service == saga.coordinator
}

/// Whether the way back passes the coordinator: it rejects what it created as the first step.
fn undoes_own_step(saga: &Saga) -> bool {
    let mut own = saga.steps.iter().filter(|step| is_coordinators(saga, step));
    own.any(|step| step.compensation.is_some())
}

fn can_fail(saga: &Saga) -> bool {
    saga.steps
        .iter()
        .any(|step| step.kind != StepKind::Retriable)
}

fn finding(graph: &Graph<'_>, saga: &Saga, last: &Step, missing: &[&str]) -> Finding {
    let who = saga.coordinator.map_or("its coordinator", |service| {
        graph.model.services[service].name.as_str()
    });
    let mut finding = RULE
        .finding(
            saga.name.span(),
            format!("{} does not say {}", saga.name, words::list(missing)),
        )
        .about(saga.name.as_str());
    let ends = missing.iter().any(|what| *what != "what starts it");
    if ends {
        finding = finding.here("runs in the background: nobody waits for its result");
        finding = finding.label(
            last.action.span(),
            format!("the last step: {who} is not told what came of it"),
        );
    }
    let mut cures = Vec::new();
    if missing.contains(&"what starts it") {
        cures.push("name the `trigger` event, or list its `input`".to_owned());
    }
    if ends {
        cures.push(format!(
            "let `on_success` and `on_failure` run a command of {who}, change its data or publish an event"
        ));
    }
    finding.help(cures.join("; "))
}
