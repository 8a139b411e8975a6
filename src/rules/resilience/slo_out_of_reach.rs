//! Nobody is better than what he cannot do without.

use std::time::Duration;

use crate::graph::Graph;
use crate::graph::promises::{self, Latencies};
use crate::model::Model;
use crate::model::platform::Objective;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("slo-out-of-reach"),
    family: Family::Resilience,
    severity: Severity::Warn,
    required: false,
    summary: "a promise is better than what it depends on allows",
    docs: include_str!("slo_out_of_reach.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let latencies = Latencies::of(graph.model);
    let objectives = graph.model.observability.objectives.iter();
    objectives
        .flat_map(|objective| {
            let availability = of_availability(graph, objective);
            availability
                .into_iter()
                .chain(of_latency(graph.model, objective, &latencies))
        })
        .collect()
}

fn of_availability(graph: &Graph<'_>, objective: &Objective) -> Option<Finding> {
    let model = graph.model;
    let promised = objective.availability.as_ref()?;
    let ceiling = promises::ceiling(graph, objective.of)?;
    let share = ceiling.share()?;
    // Two spellings of one share may differ in their last bit.
    if share >= promised.value - 1e-9 {
        return None;
    }
    let known = ceiling.known.iter();
    let parts = known.map(|(share, party)| {
        let name = model.name_of(*party);
        format!("{name} ({})", words::percent(*share))
    });
    let message = format!(
        "{} promises {}, but what it cannot do without allows {} at most: {}",
        objective.subject,
        words::percent(promised.value),
        words::percent(share),
        words::some(parts, 6)
    );
    let mut finding = RULE.finding(promised.span, message).here("out of reach");
    for (share, party) in ceiling.known.iter().take(4) {
        finding = finding.label(model.name_of(*party).span(), words::percent(*share));
    }
    Some(finding.about(objective.subject.value.as_str()).help(
        "give hard dependencies a `fallback` or make them `dependency: soft`, or promise less",
    ))
}

/// Only where no other operation of the service can be the one that asks.
fn of_latency(model: &Model, objective: &Objective, latencies: &Latencies<'_>) -> Option<Finding> {
    let latency = objective.latency.as_ref()?;
    let parts = latencies.asked_first(model, objective.of)?;
    let sum: Duration = parts.iter().map(|(time, _)| *time).sum();
    if sum <= latency.value {
        return None;
    }
    let message = format!(
        "{} promises {}, but what it has to ask first promises {} in all",
        objective.subject,
        words::duration(latency.value),
        words::duration(sum)
    );
    let mut finding = RULE.finding(latency.span, message).here("out of reach");
    for (time, span) in parts.into_iter().take(4) {
        finding = finding.label(span, format!("takes up to {}", words::duration(time)));
    }
    Some(finding.about(objective.subject.value.as_str()).help(
        "ask side by side (`parallel`), keep a copy of what is asked for, or promise more time",
    ))
}
