//! Who is told what to do by a saga need not do it once more because an event says so.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Graph;
use crate::model::Model;
use crate::model::arena::{EntityId, EventId, ServiceId};
use crate::model::effect::Effect;
use crate::model::event::Consumer;
use crate::model::saga::{Saga, Step};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("double-driven-participant"),
    family: Family::Events,
    severity: Severity::Warn,
    required: false,
    summary: "a service is told what to do by a saga and by an event of the same saga",
    docs: include_str!("double_driven_participant.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let sagas = graph.model.sagas.iter();
    sagas.flat_map(|saga| of_saga(graph.model, saga)).collect()
}

fn of_saga(model: &Model, saga: &Saga) -> Vec<Finding> {
    let mut told = BTreeSet::new();
    let mut findings = Vec::new();
    let last = last_steps(saga);
    for (event, at) in published(saga) {
        for consumer in &model.events[event].consumers {
            let consumer = &model.consumers[*consumer];
            let step = last
                .get(&consumer.service)
                .filter(|step| at.is_none_or(|at| at < **step))
                .map(|step| &saga.steps[*step]);
            let Some(step) = step.filter(|step| may_do_the_same(model, step, consumer)) else {
                continue;
            };
            if told.insert(consumer.service) {
                findings.push(finding(model, saga, step, consumer));
            }
        }
    }
    findings
}

/// The last step of each service.
fn last_steps(saga: &Saga) -> BTreeMap<ServiceId, usize> {
    let steps = saga.steps.iter().enumerate();
    steps
        .filter_map(|(index, step)| Some((step.service?, index)))
        .collect()
}

/// The events that go with the saga: the one that starts it, and those of its steps.
fn published(saga: &Saga) -> impl Iterator<Item = (EventId, Option<usize>)> {
    let trigger = saga.trigger.iter().map(|(event, _)| (*event, None));
    let steps = saga.steps.iter().enumerate();
    trigger.chain(steps.flat_map(|(index, step)| {
        let emits = step.emits.iter();
        emits.map(move |emission| (emission.event, Some(index)))
    }))
}

/// Whether a reaction may do what the step does: they change the same data, or the file does not say what one of them changes.
/// A reaction that only keeps a copy up to date, or only passes something on, does something else.
fn may_do_the_same(model: &Model, step: &Step, consumer: &Consumer) -> bool {
    let reaction = consumer.reaction();
    let mut changed = entities(&reaction.effects);
    let runs = reaction.runs.iter();
    changed.extend(runs.map(|run| model.aggregates[run.aggregate].entity));
    if changed.is_empty() {
        return reaction.emits.is_empty();
    }
    changed.retain(|entity| !model.entities[*entity].projection || reaction.runs.is_some());
    let own = entities(&step.effects);
    !changed.is_empty() && (own.is_empty() || !own.is_disjoint(&changed))
}

fn entities(effects: &[Effect]) -> BTreeSet<EntityId> {
    effects.iter().map(|effect| effect.entity).collect()
}

fn finding(model: &Model, saga: &Saga, step: &Step, consumer: &Consumer) -> Finding {
    let service = &model.services[consumer.service].name;
    let event = &model.events[consumer.event].name;
    let message = format!(
        "{service} is told to {} by {} and consumes {event} as well: it may do it twice",
        step.action, saga.name
    );
    RULE.finding(consumer.span, message)
        .here(format!("{service} reacts to {event} by itself"))
        .label(
            step.action.span(),
            format!("{} tells {service} what to do", saga.name),
        )
        .about(service.as_str())
        .about(event.as_str())
        .about(saga.name.as_str())
        .help(format!(
            "take {service} out of the consumers of {event}, or take the step out of {}; if it does something else with the event, say what under `effects`",
            saga.name
        ))
}
