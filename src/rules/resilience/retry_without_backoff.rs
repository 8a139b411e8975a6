//! Who tries again at once, together with everybody else, keeps down what is trying to get up.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::policy::Retry;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;
use crate::syntax::suggestion::Suggestion;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("retry-without-backoff"),
    family: Family::Resilience,
    severity: Severity::Warn,
    required: false,
    summary: "tries follow each other at once, at an even pace or in step",
    docs: include_str!("retry_without_backoff.md"),
    check: Check::Graph(check),
};

/// A policy, and what uses it: pauses of consumers and steps always double, so that of theirs only the first counts.
struct Use<'g> {
    policy: &'g Retry,
    by_calls: bool,
    subject: String,
}

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let model = graph.model;
    let calls = model.calls.iter().filter_map(|call| {
        Some(Use {
            policy: call.retry.as_ref()?,
            by_calls: true,
            subject: format!(
                "{} -> {}",
                model.services[call.from].name,
                model.name_of(call.to)
            ),
        })
    });
    let consumers = model.consumers.iter().filter_map(|consumer| {
        Some(Use {
            policy: consumer.retry.as_ref()?,
            by_calls: false,
            subject: model.services[consumer.service].name.to_string(),
        })
    });
    let steps = model.sagas.iter().flat_map(|saga| {
        saga.steps.iter().filter_map(|step| {
            Some(Use {
                policy: step.retry.as_ref()?,
                by_calls: false,
                subject: format!("{}.{}", saga.name, step.action),
            })
        })
    });
    // A policy that many share is told once, at its own place.
    let mut told: BTreeMap<Span, Finding> = BTreeMap::new();
    for usage in calls.chain(consumers).chain(steps) {
        let Some(finding) = finding(&usage) else {
            continue;
        };
        let known = told.entry(usage.policy.span).or_insert(finding);
        known.subjects.push(usage.subject);
    }
    told.into_values().collect()
}

fn finding(usage: &Use<'_>) -> Option<Finding> {
    let policy = usage.policy;
    if policy.max_attempts <= 1 {
        return None;
    }
    let tries = policy.max_attempts;
    let (message, here, help, (place, value)) = if policy.base_delay.is_zero() {
        (
            format!("{tries} tries follow each other at once"),
            "no pause between them".to_owned(),
            "write `base_delay: 100ms`, or leave it out",
            (policy.written.base_delay, "100ms"),
        )
    } else if usage.by_calls && !policy.jitter {
        (
            format!("{tries} tries of every caller come at the same moments"),
            "pauses without jitter".to_owned(),
            "write `jitter: true`, or leave it out",
            (policy.written.jitter, "true"),
        )
    } else if usage.by_calls && tries > 2 && policy.backoff_factor <= 1.0 {
        (
            format!("{tries} tries come at an even pace, however long the failure lasts"),
            format!(
                "every pause is {}",
                words::duration(policy.base_delay.min(policy.max_delay))
            ),
            "write `backoff_factor: 2`, or leave it out",
            (policy.written.backoff_factor, "2"),
        )
    } else {
        return None;
    };
    let suggestion = place.map(|place| Suggestion::value(place, value));
    let finding = RULE.finding(policy.span, message).here(here);
    Some(finding.help(help).suggest(suggestion))
}
