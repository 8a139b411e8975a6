//! An event that brings about itself never ends.

use crate::graph::Graph;
use crate::graph::causality::Cause;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("event-loop"),
    family: Family::Events,
    severity: Severity::Warn,
    required: false,
    summary: "an event brings about itself, again and again",
    docs: include_str!("event_loop.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let loops = graph.causality.loops.iter();
    loops.map(|causes| finding(graph, causes)).collect()
}

fn finding(graph: &Graph<'_>, causes: &[Cause]) -> Finding {
    let name = |cause: &Cause| graph.model.events[cause.event].name.as_str();
    let service = |cause: &Cause| graph.model.services[cause.service].name.as_str();
    let first = name(&causes[0]);
    let stops = causes
        .iter()
        .flat_map(|cause| [name(cause), service(cause)]);
    let drawn = words::way(stops.chain([first]));
    let mut finding = RULE
        .finding(causes[0].span, format!("{drawn} never ends"))
        .here(says(graph, &causes[0]));
    for cause in causes[1..].iter().take(7) {
        finding = finding.label(cause.span, says(graph, cause));
    }
    for cause in causes {
        finding = finding.about(name(cause)).about(service(cause));
    }
    finding.help("say under `when` of one consumer or emission what ends it, or publish a distinct event for what is only passed on")
}

fn says(graph: &Graph<'_>, cause: &Cause) -> String {
    let event = |id| &graph.model.events[id].name;
    format!(
        "{} publishes {} whenever {} arrives",
        graph.model.services[cause.service].name,
        event(cause.effect),
        event(cause.event)
    )
}
