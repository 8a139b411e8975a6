//! What must not be missed may not get lost on its way.

use crate::graph::Graph;
use crate::model::Model;
use crate::model::arena::EventId;
use crate::model::event::{Consumer, Event, Reaction};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("lossy-delivery"),
    family: Family::Events,
    severity: Severity::Warn,
    required: false,
    summary: "an event that may get lost changes owned data or starts a saga",
    docs: include_str!("lossy_delivery.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let mut started: Vec<(EventId, Span, String)> = Vec::new();
    for saga in graph.model.sagas.iter() {
        let text = format!("{} is never started", saga.name);
        started.extend(
            saga.trigger
                .map(|(event, _)| (event, saga.name.span(), text)),
        );
    }
    started.sort();
    let events = graph.model.events.entries();
    let lossy = events.filter_map(|(id, event)| Some((id, event, event.at_most_once?)));
    lossy
        .filter_map(|(id, event, place)| {
            let mut harm: Vec<(Span, String)> = event
                .consumers
                .iter()
                .filter_map(|consumer| harm(graph.model, &graph.model.consumers[*consumer]))
                .collect();
            let from = started.partition_point(|(event, ..)| *event < id);
            let sagas = started[from..]
                .iter()
                .take_while(|(event, ..)| *event == id);
            harm.extend(sagas.map(|(_, span, text)| (*span, text.clone())));
            finding(event, place, harm)
        })
        .collect()
}

/// What is wrong for good when a message does not arrive. A projection is put right by the next one.
fn harm(model: &Model, consumer: &Consumer) -> Option<(Span, String)> {
    let Reaction { effects, runs, .. } = consumer.reaction();
    let changed = effects.iter().map(|effect| effect.entity);
    let owned = changed
        .chain(
            runs.iter()
                .map(|run| model.aggregates[run.aggregate].entity),
        )
        .find(|entity| runs.is_some() || !model.entities[*entity].projection)?;
    let service = &model.services[consumer.service].name;
    let entity = &model.entities[owned].name;
    Some((
        consumer.span,
        format!("{entity} of {service} are wrong from then on"),
    ))
}

fn finding(event: &Event, place: Span, harm: Vec<(Span, String)>) -> Option<Finding> {
    let (_, first) = harm.first()?;
    let message = format!("{} may get lost, and then {first}", event.name);
    let mut finding = RULE
        .finding(place, message)
        .here("a message that is not received at once is gone");
    for (span, text) in harm.into_iter().take(4) {
        finding = finding.label(span, text);
    }
    Some(
        finding
            .about(event.name.as_str())
            .help("deliver it `at-least-once`, which is the default"),
    )
}
