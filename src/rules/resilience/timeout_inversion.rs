//! A caller that gives up before its callee does wastes the callee's work, and learns less than it could.

use std::time::Duration;

use crate::graph::{Graph, deadline};
use crate::model::arena::{EndpointId, ServiceId};
use crate::model::gateway::Route;
use crate::model::saga::{Saga, StepKind};
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::{Span, Spanned};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("timeout-inversion"),
    family: Family::Resilience,
    severity: Severity::Error,
    required: false,
    summary: "a caller gives up before the service that it calls does",
    docs: include_str!("timeout_inversion.md"),
    check: Check::Graph(check),
};

/// Something behind a hop that may take as long as the hop's timeout, or longer.
struct Inner {
    worst: Duration,
    span: Span,
    waits: String,
    spelt: String,
}

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let calls = graph
        .model
        .calls
        .entries()
        .filter(|(id, _)| !graph.calls.on_a_cycle(graph.model, *id))
        .filter_map(|(_, call)| {
            let Party::Service(to) = call.to else {
                return None;
            };
            let from = &graph.model.services[call.from].name;
            let finding = of_hop(
                graph,
                from.as_str(),
                to,
                call.timeout.as_ref()?,
                &call.operations,
            )?;
            let finding = if call
                .timeout
                .as_ref()
                .is_some_and(|timeout| apart(timeout.span, call.span))
            {
                finding.label(call.span, "of this call")
            } else {
                finding
            };
            Some(
                finding
                    .about(format!("{from} -> {}", graph.model.services[to].name))
                    .about(from.as_str()),
            )
        });
    let routes = graph
        .model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes)
        .enumerate()
        .filter_map(|(at, route)| of_route(graph, at, route));
    let steps = graph.model.sagas.iter().flat_map(of_saga);
    calls.chain(routes).chain(steps).collect()
}

/// Steps up to the point of no return, of which one try alone may take as long as the saga has for all of them.
fn of_saga(saga: &Saga) -> impl Iterator<Item = Finding> {
    let until = saga.no_return().map_or(saga.steps.len(), |at| at + 1);
    let before = saga.steps[..until]
        .iter()
        .filter(|step| step.kind != StepKind::Retriable);
    let whole = saga.timeout.as_ref();
    before.filter_map(move |step| {
        let whole = whole?;
        (step.timeout >= whole.value).then(|| {
            let (one, all) = (words::duration(step.timeout), words::duration(whole.value));
            let message = format!(
                "{} gives up after {all}, and its step {} may take {one} alone",
                saga.name, step.action
            );
            let (span, why) = match step.timeout_span {
                Some(span) => (span, ""),
                None => (step.action.span(), ", as nothing else is said"),
            };
            RULE.finding(whole.span, message)
                .here(format!("all steps up to the point of no return in {all}"))
                .label(span, format!("{one} for one try of this step{why}"))
                .about(format!("{}.{}", saga.name, step.action))
                .about(saga.name.as_str())
                .help(format!(
                    "give the saga more than {one}, or the step less than {all}"
                ))
        })
    })
}

fn of_route(graph: &Graph<'_>, at: usize, route: &Route) -> Option<Finding> {
    let finding = of_hop(
        graph,
        &format!("route {}", route.path),
        route.service?,
        route.timeout.as_ref()?,
        &graph.routes[at].operations,
    )?;
    Some(finding.about(route.path.value.as_str()))
}

fn of_hop(
    graph: &Graph<'_>,
    caller: &str,
    callee: ServiceId,
    timeout: &Spanned<Duration>,
    operations: &[EndpointId],
) -> Option<Finding> {
    let budget = timeout.value;
    // Operations that give up in time themselves wait for nobody so long.
    let soon = deadline::allowed(graph, operations).is_some_and(|longest| longest < budget);
    let asks = graph.asking.any(operations) && !soon;
    let calls = behind(graph, callee).filter(|_| asks);
    let mut inner: Vec<Inner> = calls
        .take_while(|inner| inner.worst >= budget)
        .take(3)
        .collect();
    inner.extend(between(graph, callee).filter(|inner| inner.worst >= budget));
    if budget.is_zero() || inner.is_empty() {
        return None;
    }
    inner.sort_by_key(|inner| std::cmp::Reverse(inner.worst));
    let name = &graph.model.services[callee].name;
    let worst = &inner[0];
    let message = format!(
        "{caller} waits {} for {name}, {}: it gives up first, and the work is wasted",
        words::duration(budget),
        worst.waits
    );
    let mut finding = RULE
        .finding(timeout.span, message)
        .here(format!("gives up after {}", words::duration(budget)));
    for inner in inner.iter().take(3) {
        finding = finding.label(inner.span, inner.spelt.clone());
    }
    let longest = words::duration(worst.worst);
    Some(finding.help(format!("wait longer than {longest} here, or let the inner hop take less than {} with all its tries", words::duration(budget))))
}

/// The calls that the callee makes in turn, the slowest first.
fn behind<'g>(graph: &'g Graph<'_>, callee: ServiceId) -> impl Iterator<Item = Inner> + 'g {
    let slowest = graph
        .deadlines
        .slowest(callee)
        .iter()
        .filter(|(_, call)| !graph.calls.on_a_cycle(graph.model, *call));
    slowest.map(move |(worst, id)| {
        let call = &graph.model.calls[*id];
        let to = match call.to {
            Party::Service(service) => &graph.model.services[service].name,
            Party::External(external) => &graph.model.externals[external].name,
        };
        let span = call
            .timeout
            .as_ref()
            .map_or(call.span, |timeout| timeout.span);
        let tries = call
            .retry
            .as_ref()
            .map_or(1, |retry| retry.max_attempts.max(1));
        let how = if tries == 1 {
            String::new()
        } else {
            format!(", {tries} tries and their pauses included")
        };
        let waits = format!("which may wait {} for {to}{how}", words::duration(*worst));
        let spelt = format!(
            "{} may wait {} for {to}{how}",
            graph.model.services[callee].name,
            words::duration(*worst)
        );
        Inner {
            worst: *worst,
            span,
            waits,
            spelt,
        }
    })
}

/// The mesh on the way to the callee.
fn between<'g>(graph: &'g Graph<'_>, callee: ServiceId) -> impl Iterator<Item = Inner> + 'g {
    let slowest = graph
        .mesh
        .to(callee)
        .iter()
        .filter_map(|policy| Some((policy.timeout?, policy.span)))
        .max_by_key(|(timeout, _)| *timeout);
    slowest.into_iter().map(|(worst, span)| Inner {
        worst,
        span,
        waits: format!("while the mesh keeps trying for {}", words::duration(worst)),
        spelt: format!("the mesh keeps trying for {}", words::duration(worst)),
    })
}

/// Whether a timeout stands elsewhere than its call: a default.
fn apart(timeout: Span, call: Span) -> bool {
    timeout.source != call.source || timeout.start < call.start
}
