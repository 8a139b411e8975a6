//! What makes figures uncertain: errors, and what the file does not say.

use super::form::Findings;
use crate::graph::metrics::Metrics;
use crate::model::Model;
use crate::rules::words::{count, some};

/// Services that a note names.
const NAMED: usize = 4;

/// Sentences, the gravest first.
pub(super) fn notes(model: &Model, metrics: &Metrics<'_>, findings: Findings) -> Vec<String> {
    let mut notes = Vec::new();
    if findings.errors > 0 {
        notes.push(format!(
            "{}: `msarch validate` tells more, and what they are about may be wrong here",
            count(findings.errors, "error")
        ));
    }
    lost(model, &mut notes);
    if !metrics.cycles.is_empty() {
        notes.push(
            "calls go round in circles: how often requests arrive there and behind is not known"
                .to_owned(),
        );
    }
    unsaid(model, &mut notes);
    notes
}

/// What leads to somebody who is not declared.
fn lost(model: &Model, notes: &mut Vec<String>) {
    let losing = model.services.iter().filter(|it| it.lost_calls > 0);
    let calls: usize = losing.clone().map(|service| service.lost_calls).sum();
    if calls > 0 {
        notes.push(format!(
            "{} of {} to somebody who is not declared: what follows from {} is not known, and figures of whoever is meant are too low",
            count(calls, "call"),
            some(losing.map(|service| &service.name), NAMED),
            if calls == 1 { "it" } else { "them" },
        ));
    }
    let others = model.unresolved.len().saturating_sub(calls);
    if others > 0 {
        notes.push(format!(
            "{} that nothing declares{}: what {} would connect is not counted",
            count(others, "name"),
            if calls > 0 { " besides" } else { "" },
            if others == 1 { "it" } else { "they" },
        ));
    }
}

/// What the file leaves open, and figures need.
fn unsaid(model: &Model, notes: &mut Vec<String>) {
    let endless = model.calls.iter();
    let endless = endless.filter(|call| {
        call.timeout
            .as_ref()
            .is_none_or(|timeout| timeout.value.is_zero())
    });
    match endless.count() {
        0 => {}
        calls => notes.push(format!(
            "{} without a timeout: how long it takes to wait for {} is not known",
            count(calls, "call"),
            if calls == 1 { "it" } else { "them" },
        )),
    }
    let services = model.services.iter();
    let open = services.filter(|service| service.availability.is_none());
    match (open.count(), model.services.len()) {
        (0, _) => {}
        (open, all) if open == all => notes.push(
            "no service says how available it is: write `availability: 99.9%` in each, and ceilings follow"
                .to_owned(),
        ),
        (open, all) => notes.push(format!(
            "{open} of {} say nothing of their availability: ceilings are lower than told",
            count(all, "service")
        )),
    }
    let unowned = model.services.iter();
    let unowned = unowned.filter(|service| service.team_name.is_none());
    match unowned.count() {
        0 => {}
        some => notes.push(format!(
            "{} without a team: left out where teams are told",
            count(some, "service")
        )),
    }
    if model.gateway.is_none() {
        notes.push("there is no gateway: what requests from outside need is not known".to_owned());
    }
}
