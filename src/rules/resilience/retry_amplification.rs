//! Retries at every hop multiply: a service that is slow already gets the load of many.

use crate::graph::Graph;
use crate::graph::attempts::{Hop, Way};
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("retry-amplification"),
    family: Family::Resilience,
    severity: Severity::Warn,
    required: false,
    summary: "retries multiply along a chain: one request becomes ten or more",
    docs: include_str!("retry_amplification.md"),
    check: Check::Limited { limit: 10.0, check },
};

/// Three layers with three retries each, the case of the SRE book: such a chain takes its end down.
const GRAVE: u64 = 64;

fn check(graph: &Graph<'_>, limit: f64) -> Vec<Finding> {
    let ends = graph.attempts.ends(graph.model);
    ends.filter(|(_, attempts)| *attempts as f64 >= limit)
        .filter_map(|(end, attempts)| finding(graph, end, attempts))
        .collect()
}

fn finding(graph: &Graph<'_>, end: Party, attempts: u64) -> Option<Finding> {
    let way = graph.attempts.way_to(graph.model, end);
    let grown: Vec<&Hop> = way.iter().filter(|hop| hop.factor() > 1).collect();
    // Several layers on one hop are told as such.
    if way.len() == 1 && way[0].mesh > 1 {
        return None;
    }
    let factors = words::some(grown.iter().map(|hop| hop.factor()), 8).replace(" and ", ", ");
    let product = factors.replace(", ", " x ");
    let name = graph.model.name_of(end);
    let how = if grown.len() == 1 {
        String::new()
    } else {
        format!(" ({product})")
    };
    let message = format!(
        "one request can become {} attempts on {name}{how}: {}",
        words::thousands(attempts),
        drawn(graph, &way)
    );
    let last = grown.last()?;
    let mut finding = RULE
        .finding(place(graph, last), message)
        .here(says(graph, last));
    if attempts >= GRAVE {
        finding.severity = Severity::Error;
    }
    for hop in grown[..grown.len() - 1].iter().rev().take(6) {
        finding = finding.label(place(graph, hop), says(graph, hop));
    }
    let mut subjects: Vec<&str> = vec![name.as_str()];
    subjects.extend(way.iter().filter_map(|hop| {
        match hop.way {
            Way::Call(call) => Some(
                graph.model.services[graph.model.calls[call].from]
                    .name
                    .as_str(),
            ),
            Way::Route(_) => None,
        }
    }));
    for subject in subjects {
        finding = finding.about(subject);
    }
    Some(finding.help(if grown.len() == 1 {
        "try fewer times: what fails three times in a row rarely succeeds at the tenth".to_owned()
    } else {
        format!(
            "retry at one hop only, best at the last, {}, and write `retries: 0` at the others",
            drawn(graph, &way[way.len() - 1..])
        )
    }))
}

/// `gateway -> a -> b`.
fn drawn(graph: &Graph<'_>, way: &[Hop]) -> String {
    let start = way.first().map(|hop| match hop.way {
        Way::Route(_) => "gateway",
        Way::Call(call) => graph.model.services[graph.model.calls[call].from]
            .name
            .as_str(),
    });
    words::way(
        start
            .into_iter()
            .chain(way.iter().map(|hop| target(graph, hop))),
    )
}

fn target<'g>(graph: &'g Graph<'_>, hop: &Hop) -> &'g str {
    match hop.way {
        Way::Call(call) => graph.model.name_of(graph.model.calls[call].to).as_str(),
        Way::Route(index) => {
            let mut routes = graph
                .model
                .gateway
                .iter()
                .flat_map(|gateway| &gateway.routes);
            let service = routes.nth(index).and_then(|route| route.service);
            service.map_or("?", |service| graph.model.services[service].name.as_str())
        }
    }
}

fn place(graph: &Graph<'_>, hop: &Hop) -> Span {
    match hop.way {
        Way::Call(call) => graph.model.calls[call].span,
        Way::Route(index) => {
            let mut routes = graph
                .model
                .gateway
                .iter()
                .flat_map(|gateway| &gateway.routes);
            routes
                .nth(index)
                .map_or_else(Span::default, |route| route.path.span)
        }
    }
}

fn says(graph: &Graph<'_>, hop: &Hop) -> String {
    let who = match hop.way {
        Way::Call(call) => graph.model.services[graph.model.calls[call].from]
            .name
            .as_str(),
        Way::Route(_) => "the gateway",
    };
    let tries = words::count(hop.tries as usize, "time");
    if hop.mesh > 1 {
        let layer = words::count(hop.mesh as usize, "time");
        format!("{who} tries up to {tries}, the mesh each of them up to {layer}")
    } else {
        format!("{who} tries up to {tries}")
    }
}
