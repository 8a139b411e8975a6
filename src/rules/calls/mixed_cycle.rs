//! One conversation needs one channel.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::Model;
use crate::model::arena::{CallId, ConsumerId, EndpointId, EventId, ServiceId};
use crate::model::endpoint::Action;
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("mixed-cycle"),
    family: Family::Calls,
    severity: Severity::Info,
    required: false,
    summary: "a call is answered twice: at once, and by an event that it brings about",
    docs: include_str!("mixed_cycle.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let model = graph.model;
    let consumers: BTreeMap<(EventId, ServiceId), ConsumerId> = model
        .consumers
        .entries()
        .map(|(id, consumer)| ((consumer.event, consumer.service), id))
        .collect();
    let calls = model.calls.entries();
    let calls =
        calls.filter(|(id, call)| call.operations_named && !graph.calls.on_a_cycle(model, *id));
    calls
        .filter_map(|(id, call)| {
            let mut answers = call.operations.iter().flat_map(|operation| {
                let events = published(model, *operation);
                events.map(move |(event, span)| (*operation, event, span))
            });
            answers.find_map(|(operation, event, span)| {
                let consumer = consumers.get(&(event, call.from))?;
                Some(finding(model, id, operation, span, *consumer))
            })
        })
        .collect()
}

/// What an operation publishes: by itself, or by the command that it runs.
fn published(model: &Model, operation: EndpointId) -> impl Iterator<Item = (EventId, Span)> {
    let endpoint = &model.endpoints[operation];
    let own = endpoint
        .emits
        .iter()
        .map(|emission| (emission.event, emission.span));
    let run = match &endpoint.action {
        Action::Aggregate(run) => Some(run),
        _ => None,
    };
    let raised = run.into_iter().flat_map(|run| {
        let aggregate = &model.aggregates[run.aggregate];
        let raises = aggregate.commands[run.command].raises.iter();
        raises.filter_map(|raise| Some((aggregate.events[raise.event].published?.0, run.span)))
    });
    own.chain(raised)
}

fn finding(
    model: &Model,
    call: CallId,
    operation: EndpointId,
    published: Span,
    consumer: ConsumerId,
) -> Finding {
    let call = &model.calls[call];
    let consumer = &model.consumers[consumer];
    let (from, to) = (&model.services[call.from].name, model.name_of(call.to));
    let (operation, event) = (
        &model.endpoints[operation].name,
        &model.events[consumer.event].name,
    );
    let message = format!(
        "{from} calls {operation} of {to} and consumes {event}, which that brings about: {from} -> {to} -> {event} -> {from}"
    );
    let finding = RULE
        .finding(call.span, message)
        .here("waits for the answer")
        .label(published, format!("{operation} publishes {event}"))
        .label(consumer.span, "and is told once more")
        .about(format!("{from} -> {to}"))
        .about(from.as_str())
        .about(event.as_str());
    debug_assert!(
        matches!(call.to, Party::Service(_)),
        "only services publish"
    );
    finding.help(format!(
        "choose one channel: take the answer of {operation}, or ask by an event and let {event} be the answer"
    ))
}
