//! What a step gives and nobody takes is missing where it is needed, or need not be given.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::model::effect::{Path, Root, Value};
use crate::model::saga::{Input, Outcome, Output, Saga, Step};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("unused-output"),
    family: Family::Sagas,
    severity: Severity::Warn,
    required: false,
    summary: "a saga's step gives something that nothing uses",
    docs: include_str!("unused_output.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    graph.model.sagas.iter().flat_map(of_saga).collect()
}

fn of_saga(saga: &Saga) -> Vec<Finding> {
    if saga.on_success.as_ref().is_some_and(|end| end.lost) {
        return Vec::new();
    }
    let used: BTreeSet<(usize, &str)> = inputs(saga)
        .filter_map(source)
        .chain(saga.on_success.iter().flat_map(Outcome::paths))
        .filter_map(output)
        .collect();
    // Who asks for it too early is told so.
    let wanted: BTreeSet<&str> = inputs(saga)
        .filter(|input| input.source.is_none())
        .map(|input| input.name.snake())
        .collect();
    let mut findings = Vec::new();
    for (index, step) in saga.steps.iter().enumerate() {
        let idle = step
            .outputs
            .iter()
            .filter(|output| !used.contains(&(index, output.name.snake())))
            .filter(|output| !wanted.contains(output.name.snake()));
        findings.extend(idle.map(|output| finding(saga, step, output)));
    }
    findings
}

/// What the steps and their compensations need.
fn inputs(saga: &Saga) -> impl Iterator<Item = &Input> {
    let backs = saga
        .steps
        .iter()
        .filter_map(|step| step.compensation.as_ref());
    let steps = saga.steps.iter().flat_map(|step| &step.inputs);
    steps.chain(backs.flat_map(|back| &back.inputs))
}

fn source(input: &Input) -> Option<&Path> {
    match input.source.as_ref()? {
        Value::Path(path) => Some(path),
        _ => None,
    }
}

/// The step and the output that a path begins with.
fn output(path: &Path) -> Option<(usize, &str)> {
    match path.root {
        Root::Output { step } => Some((step, path.steps.first()?.field.snake())),
        _ => None,
    }
}

fn finding(saga: &Saga, step: &Step, output: &Output) -> Finding {
    let finding = RULE
        .finding(
            output.name.span(),
            format!("{} of {} is never used", output.name, step.action),
        )
        .here("neither a later step nor a compensation nor the saga's end takes it")
        .about(format!("{}.{}.{}", saga.name, step.action, output.name))
        .about(saga.name.as_str());
    match &step.compensation {
        Some(back) => finding
            .label(
                back.action.span(),
                format!("{} does not take it", back.action),
            )
            .help(format!(
                "add {} to the `input` of {} if that needs it, or drop the output",
                output.name, back.action
            )),
        None => {
            finding.help("pass it to the step or to the end of the saga that needs it, or drop it")
        }
    }
}
