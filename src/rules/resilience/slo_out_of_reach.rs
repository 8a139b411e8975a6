//! Nobody is better than what he cannot do without.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::graph::Graph;
use crate::model::Model;
use crate::model::arena::{EndpointId, ServiceId};
use crate::model::endpoint::{Action, Call};
use crate::model::platform::{Objective, Promised};
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::{Span, Spanned};

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
    let objectives = &graph.model.observability.objectives;
    let promised: BTreeMap<EndpointId, &Spanned<Duration>> = objectives
        .iter()
        .filter_map(|objective| match objective.of {
            Promised::Endpoint(endpoint) => Some((endpoint, objective.latency.as_ref()?)),
            Promised::Route(_) => None,
        })
        .collect();
    objectives
        .iter()
        .flat_map(|objective| {
            let availability = of_availability(graph, objective);
            availability
                .into_iter()
                .chain(of_latency(graph.model, objective, &promised))
        })
        .collect()
}

fn of_availability(graph: &Graph<'_>, objective: &Objective) -> Option<Finding> {
    let model = graph.model;
    let promised = objective.availability.as_ref()?;
    let mut known: Vec<(f64, Party)> = needed(graph, objective)?
        .into_iter()
        .filter_map(|party| Some((availability(model, party)?, party)))
        .collect();
    let ceiling: f64 = known.iter().map(|(share, _)| share).product();
    // Two spellings of one share may differ in their last bit.
    if ceiling >= promised.value - 1e-9 {
        return None;
    }
    known.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let parts = known
        .iter()
        .map(|(share, party)| format!("{} ({})", model.name_of(*party), percent(*share)));
    let message = format!(
        "{} promises {}, but what it cannot do without allows {} at most: {}",
        objective.subject,
        percent(promised.value),
        percent(ceiling),
        words::some(parts, 6)
    );
    let mut finding = RULE.finding(promised.span, message).here("out of reach");
    for (share, party) in known.iter().take(4) {
        finding = finding.label(model.name_of(*party).span(), percent(*share));
    }
    Some(finding.about(objective.subject.value.as_str()).help(
        "give hard dependencies a `fallback` or make them `dependency: soft`, or promise less",
    ))
}

/// What the promise rests on. Operations that only keep and show their service's own data ask nobody else.
fn needed(graph: &Graph<'_>, objective: &Objective) -> Option<Vec<Party>> {
    let model = graph.model;
    let service = match objective.of {
        Promised::Endpoint(endpoint) => {
            let endpoint = &model.endpoints[endpoint];
            if !may_call(&endpoint.action) {
                return Some(vec![endpoint.owner]);
            }
            owner(endpoint.owner)?
        }
        Promised::Route(index) => model.route(index)?.service?,
    };
    Some(graph.dependencies.behind(model, service))
}

fn may_call(action: &Action) -> bool {
    matches!(action, Action::Command | Action::Aggregate(_))
}

fn owner(party: Party) -> Option<ServiceId> {
    match party {
        Party::Service(service) => Some(service),
        Party::External(_) => None,
    }
}

fn availability(model: &Model, party: Party) -> Option<f64> {
    match party {
        Party::Service(service) => model.services[service].availability,
        Party::External(external) => model.externals[external].availability,
    }
}

/// The promises of what the operation has to ask, one after the other; calls of one group run side by side. Only where no other
/// operation of the service can be the one that asks.
fn of_latency(
    model: &Model,
    objective: &Objective,
    promised: &BTreeMap<EndpointId, &Spanned<Duration>>,
) -> Option<Finding> {
    let latency = objective.latency.as_ref()?;
    let Promised::Endpoint(endpoint) = objective.of else {
        return None;
    };
    let service = owner(model.endpoints[endpoint].owner)?;
    let service = &model.services[service];
    let mut asking = service
        .endpoints
        .iter()
        .filter(|id| may_call(&model.endpoints[**id].action));
    if asking.next() != Some(&endpoint) || asking.next().is_some() {
        return None;
    }
    let mut groups: BTreeMap<&str, (Duration, Span)> = BTreeMap::new();
    let mut parts: Vec<(Duration, Span)> = Vec::new();
    let calls = service.calls.iter().map(|call| &model.calls[*call]);
    for call in calls.filter(|call| call.binds() && call.operations_named) {
        let Some(least) = quickest(call, promised) else {
            continue;
        };
        match &call.parallel {
            Some(group) => {
                let slowest = groups.entry(group).or_insert(least);
                *slowest = (*slowest).max(least);
            }
            None => parts.push(least),
        }
    }
    parts.extend(groups.into_values());
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

/// The shortest promise among the operations of a call.
fn quickest(
    call: &Call,
    promised: &BTreeMap<EndpointId, &Spanned<Duration>>,
) -> Option<(Duration, Span)> {
    let times = call.operations.iter().map(|operation| {
        let time = promised.get(operation)?;
        Some((time.value, time.span))
    });
    let times: Option<Vec<_>> = times.collect();
    times?.into_iter().min()
}

/// `99.95 %`; rounded down, so that a ceiling never looks like the promise that it misses.
fn percent(share: f64) -> String {
    let text = format!("{:.3}", (share * 100_000.0 + 1e-6).floor() / 1000.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} %")
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn shares_are_spelt_as_short_as_they_are_exact() {
        let spelt = [0.9995, 0.999, 0.994_009_98, 1.0, 0.5].map(percent);
        assert_eq!(spelt, ["99.95 %", "99.9 %", "99.4 %", "100 %", "50 %"]);
    }
}
