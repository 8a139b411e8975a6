//! A request that passes many services waits for all of them, and fails with any of them.

use crate::graph::Graph;
use crate::model::Model;
use crate::model::arena::{CallId, ServiceId};
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("sync-chain-too-long"),
    family: Family::Calls,
    severity: Severity::Warn,
    required: false,
    summary: "more than three calls follow one upon another, each waiting for the next",
    docs: include_str!("sync_chain_too_long.md"),
    check: Check::Limited { limit: 3.0, check },
};

fn check(graph: &Graph<'_>, limit: f64) -> Vec<Finding> {
    let chains = graph.chains.longest.iter();
    chains
        .take_while(|chain| chain.len() as f64 > limit)
        .filter_map(|chain| finding(graph.model, chain, limit))
        .collect()
}

fn finding(model: &Model, chain: &[CallId], limit: f64) -> Option<Finding> {
    let first = chain.first()?;
    let message = format!(
        "{} synchronous hops, more than {limit}: {}; with 99.9 % each that is {}",
        chain.len(),
        drawn(model, chain),
        availability(chain.len() + 1)
    );
    let mut finding = RULE
        .finding(model.calls[*first].span, message)
        .here("the chain begins here");
    for call in chain[1..].iter().take(6) {
        let call = &model.calls[*call];
        let from = &model.services[call.from].name;
        finding = finding.label(
            call.span,
            format!("{from} waits for {}", model.name_of(call.to)),
        );
    }
    for call in chain {
        finding = finding.about(model.services[model.calls[*call].from].name.as_str());
    }
    let last = &model.calls[*chain.last()?];
    let (from, to) = (&model.services[last.from].name, model.name_of(last.to));
    Some(
        finding
            .about(to.as_str())
            .help(format!(
                "let {to} publish what {from} asks for and let {from} keep a copy, or let the last hops happen after the answer, by an event"
            )),
    )
}

/// `a -> b -> c`; who stands on one circle with the one before is set in braces with it.
fn drawn(model: &Model, chain: &[CallId]) -> String {
    let name = |service: ServiceId| model.services[service].name.as_str();
    let mut stops: Vec<String> = Vec::new();
    let mut at: Option<ServiceId> = None;
    for id in chain {
        let call = &model.calls[*id];
        stops.push(match at {
            Some(before) if before != call.from => {
                format!("{{{}, {}}}", name(before), name(call.from))
            }
            _ => name(call.from).to_owned(),
        });
        at = match call.to {
            Party::Service(service) => Some(service),
            Party::External(_) => None,
        };
    }
    words::way(
        stops
            .into_iter()
            .chain(at.map(|last| name(last).to_owned())),
    )
}

/// How available services of 99.9 % are together.
fn availability(services: usize) -> String {
    let services = i32::try_from(services).unwrap_or(i32::MAX);
    format!("{:.2} %", 0.999_f64.powi(services) * 100.0)
}
