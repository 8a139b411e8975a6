//! A step that is given nothing for one of its inputs cannot run.

use crate::graph::Graph;
use crate::graph::undoing::{unbound, unbound_on_the_way_back};
use crate::model::name::Name;
use crate::model::saga::{Input, Saga, Step};
use crate::rules::references::nearest::nearest;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("unbound-input"),
    family: Family::Sagas,
    severity: Severity::Error,
    required: true,
    summary: "nothing gives a saga's step one of its inputs",
    docs: include_str!("unbound_input.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    graph.model.sagas.iter().flat_map(of_saga).collect()
}

fn of_saga(saga: &Saga) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, step) in saga.steps.iter().enumerate() {
        let given = given(saga, &saga.steps[..index]);
        findings
            .extend(unbound(&step.inputs).map(|input| finding(saga, &step.action, input, &given)));
        if let Some(compensation) = &step.compensation {
            let given = self::given(saga, &saga.steps[..=index]);
            findings.extend(
                unbound_on_the_way_back(step, compensation)
                    .map(|input| finding(saga, &compensation.action, input, &given)),
            );
        }
    }
    findings
}

/// What a saga holds once some steps are done.
fn given<'s>(saga: &'s Saga, done: &'s [Step]) -> Vec<&'s str> {
    let start = saga.input.fields.iter().map(|field| field.name.as_str());
    start
        .chain(
            done.iter()
                .flat_map(|step| step.outputs.iter().map(|output| output.name.as_str())),
        )
        .collect()
}

fn finding(saga: &Saga, action: &Name, input: &Input, given: &[&str]) -> Finding {
    let help = match nearest(input.name.as_str(), given.iter().copied()) {
        Some(near) => format!("write {near}"),
        None if given.is_empty() && saga.trigger.is_none() => {
            "say what the saga starts with: name its `trigger` event, or list its `input`"
                .to_owned()
        }
        None => format!(
            "take it from what is there by then ({}), or let an earlier step give it as its `output`",
            words::some(given, 10)
        ),
    };
    RULE.finding(
        input.name.span(),
        format!("{action} needs {}, but nothing gives it", input.name),
    )
    .here("neither an input of the saga nor an output of an earlier step")
    .about(format!("{}.{action}.{}", saga.name, input.name))
    .about(saga.name.as_str())
    .help(help)
}
