//! What was done last is undone first.

use crate::graph::Graph;
use crate::model::saga::{ListedCompensation, Saga};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("compensation-out-of-order"),
    family: Family::Sagas,
    severity: Severity::Error,
    required: false,
    summary: "a saga's compensations are not listed in the reverse order of its steps",
    docs: include_str!("compensation_out_of_order.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    graph.model.sagas.iter().filter_map(of_saga).collect()
}

fn of_saga(saga: &Saga) -> Option<Finding> {
    let listed: Vec<(usize, &ListedCompensation)> = saga
        .listed_compensations
        .iter()
        .filter(|listed| !listed.parallel)
        .filter_map(|listed| Some((listed.found?, listed)))
        .collect();
    let wrong = listed.windows(2).find(|pair| pair[0].0 < pair[1].0)?;
    let mut right: Vec<_> = listed.clone();
    right.sort_by_key(|(step, _)| std::cmp::Reverse(*step));
    let (earlier, later) = (wrong[0].1, wrong[1].1);
    let message = format!(
        "compensations of {} run [{}]; the reverse of its steps is [{}]",
        saga.name,
        actions(&listed),
        actions(&right)
    );
    let finding = RULE
        .finding(later.step.span, message)
        .here(format!(
            "{} is undone here, after {}",
            later.step, earlier.step
        ))
        .label(
            earlier.step.span,
            format!(
                "{} was done before {} and is undone first",
                earlier.step, later.step
            ),
        )
        .about(saga.name.as_str());
    Some(finding.help("list them from the last step to the first, leave the order to msarch by naming each `compensation` in its step, or say `parallel: true` where it does not matter"))
}

fn actions(listed: &[(usize, &ListedCompensation)]) -> String {
    let actions: Vec<&str> = listed
        .iter()
        .map(|(_, listed)| listed.action.as_str())
        .collect();
    actions.join(", ")
}
