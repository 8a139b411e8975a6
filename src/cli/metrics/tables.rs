//! The tables of routes, objectives, sagas, teams and events.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::form::{Availability, Event, Figures, Objective, Route, Saga, Team};
use super::human::{Telling, known, limit, share, time};
use super::table::{Column, number, table, word};
use crate::rules::words::{self, percent};

fn columns_of_routes() -> Vec<Column> {
    vec![
        word("route", ""),
        word("methods", ""),
        word("service", ""),
        number(
            "at most",
            "how available it can be: the product of all that it cannot do without, each once; low is below what is promised (slo-out-of-reach)",
        ),
        number(
            "known",
            "how many of those say how available they are: the others lower it further",
        ),
        number("timeout", "how long the gateway waits, all tries included"),
        number(
            "waits",
            "how long its service may wait for others before it answers; high is above the timeout",
        ),
        number(
            "attempts",
            format!(
                "what one request may become at the worst place behind it; high from {} on (retry-amplification)",
                limit("retry-amplification")
            ),
        ),
        number(
            "own data",
            "kinds of data behind it that its service owns, of all: low means that others are asked to put an answer together",
        ),
    ]
}

pub(super) fn routes(figures: &Figures, telling: Telling, out: &mut dyn Write) -> io::Result<()> {
    if figures.routes.is_empty() {
        return Ok(());
    }
    let mut routes: Vec<&Route> = figures.routes.iter().collect();
    routes.sort_by(|a, b| {
        let share = |route: &Route| route.availability.at_most.unwrap_or(2.0);
        let rest = |route: &Route| Reverse((route.attempts, route.waiting_ms));
        share(a)
            .total_cmp(&share(b))
            .then_with(|| rest(a).cmp(&rest(b)))
    });
    let rows: Vec<Vec<String>> = routes.into_iter().map(route).collect();
    table(
        "Routes, the least available first",
        &columns_of_routes(),
        &rows,
        telling.most(),
        telling.look,
        out,
    )
}

fn route(route: &Route) -> Vec<String> {
    let data = route.own_data.zip(route.data);
    vec![
        route.path.clone(),
        route.methods.join(" "),
        known(route.service.as_ref()),
        at_most(&route.availability),
        told(&route.availability),
        time(route.timeout_ms),
        time(route.waiting_ms),
        known(route.attempts.map(words::thousands)),
        known(data.map(|(own, all)| format!("{own} of {all}"))),
    ]
}

fn at_most(availability: &Availability) -> String {
    known(availability.at_most.map(percent))
}

fn told(availability: &Availability) -> String {
    let all = availability.rests_on;
    format!("{} of {all}", all - availability.unknown)
}

fn columns_of_objectives() -> Vec<Column> {
    vec![
        word("objective", ""),
        number("promised", "the availability that is promised"),
        number(
            "at most",
            "how available it can be; too low is below the promise (slo-out-of-reach)",
        ),
        number(
            "known",
            "how many of those that it rests on say how available they are",
        ),
        number(
            "latency",
            "the time within which 99 of 100 are answered, as promised",
        ),
        number(
            "asks first",
            "what others promise to take that have to be asked first, in all; high is above the promise. 99th percentiles do not add exactly: an upper estimate",
        ),
    ]
}

pub(super) fn objectives(
    figures: &Figures,
    telling: Telling,
    out: &mut dyn Write,
) -> io::Result<()> {
    if figures.objectives.is_empty() {
        return Ok(());
    }
    let optional = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let row = |objective: &Objective| {
        vec![
            objective.of.clone(),
            optional(objective.promised.map(percent)),
            at_most(&objective.availability),
            told(&objective.availability),
            optional(objective.latency_ms.map(|it| time(Some(it)))),
            time(objective.asked_first_ms),
        ]
    };
    let rows: Vec<Vec<String>> = figures.objectives.iter().map(row).collect();
    table(
        "Objectives",
        &columns_of_objectives(),
        &rows,
        telling.most(),
        telling.look,
        out,
    )
}

fn columns_of_sagas() -> Vec<Column> {
    vec![
        word("saga", ""),
        number("services", "services that take its steps"),
        number("steps", ""),
        number(
            "exposed",
            "steps before the point of no return, that others may see and that may be taken back",
        ),
        number(
            "exposure",
            "their share; high is most of them: a pivot further ahead lets less be taken back",
        ),
        number("undone by", "compensations"),
        number(
            "stuck",
            "steps that nothing undoes, although a later one can fail; one is too many (step-without-compensation)",
        ),
        number(
            "unbound",
            "inputs of compensations that nothing gives; one is too many (unbound-input)",
        ),
    ]
}

pub(super) fn sagas(figures: &Figures, telling: Telling, out: &mut dyn Write) -> io::Result<()> {
    if figures.sagas.is_empty() {
        return Ok(());
    }
    let mut sagas: Vec<&Saga> = figures.sagas.iter().collect();
    sagas.sort_by_key(|saga| Reverse(saga.exposed_steps));
    let row = |saga: &Saga| {
        vec![
            saga.name.clone(),
            saga.services.to_string(),
            saga.steps.to_string(),
            saga.exposed_steps.to_string(),
            share(saga.exposure),
            saga.compensations.to_string(),
            saga.stuck_steps.to_string(),
            saga.unbound_inputs.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = sagas.into_iter().map(row).collect();
    table(
        "Sagas, the most exposed first",
        &columns_of_sagas(),
        &rows,
        telling.most(),
        telling.look,
        out,
    )
}

fn columns_of_teams() -> Vec<Column> {
    let limit = percent(limit("cross-team-coupling"));
    vec![
        word("team", ""),
        number("services", ""),
        number("within", "calling pairs within the team"),
        number("leaving", "calling pairs that lead to other teams"),
        number(
            "share",
            format!("of its calls that leave it; high above {limit} (cross-team-coupling)"),
        ),
        word("calls", "which teams it calls, and in how many pairs"),
        word("misplaced", "services that work more with another team"),
    ]
}

pub(super) fn teams(figures: &Figures, telling: Telling, out: &mut dyn Write) -> io::Result<()> {
    if figures.teams.is_empty() {
        return Ok(());
    }
    let leaving = |team: &Team| team.calls_to.iter().map(|it| it.calls).sum::<usize>();
    let mut teams: Vec<&Team> = figures.teams.iter().collect();
    teams.sort_by_key(|team| Reverse(leaving(team)));
    let list = |items: Vec<String>| match items.len() {
        0 => "-".to_owned(),
        _ => words::some(items, 3),
    };
    let row = |team: &Team| {
        let calls = team.calls_to.iter();
        let misplaced = team.misplaced.iter();
        vec![
            team.name.clone(),
            team.services.to_string(),
            team.calls_within.to_string(),
            leaving(team).to_string(),
            if team.calls_within + leaving(team) == 0 {
                "-".to_owned()
            } else {
                share(team.leaving_share)
            },
            list(
                calls
                    .map(|it| format!("{} {}", it.team, it.calls))
                    .collect(),
            ),
            list(
                misplaced
                    .map(|it| format!("{} ({})", it.service, it.team))
                    .collect(),
            ),
        ]
    };
    let rows: Vec<Vec<String>> = teams.into_iter().map(row).collect();
    table(
        "Teams, the most coupled first",
        &columns_of_teams(),
        &rows,
        telling.most(),
        telling.look,
        out,
    )
}

fn columns_of_events() -> Vec<Column> {
    vec![
        word("event", ""),
        word("published by", ""),
        number(
            "consumers",
            "services that receive it: so many follow a change of its schema",
        ),
        number(
            "other teams",
            "teams among them that do not publish it: nobody decides for these when they follow",
        ),
        number("versions", ""),
        number(
            "risk",
            "consumers times the kinds of change between its versions that break readers; - where there is one version, or a raw schema",
        ),
        word("breaking changes", "those kinds"),
    ]
}

pub(super) fn events(figures: &Figures, telling: Telling, out: &mut dyn Write) -> io::Result<()> {
    if figures.events.is_empty() {
        return Ok(());
    }
    let mut events: Vec<&Event> = figures.events.iter().collect();
    events.sort_by_key(|event| Reverse((event.risk, event.consumers.len())));
    let row = |event: &Event| {
        let kinds = event.breaking_changes.iter().flatten();
        let kinds: Vec<&String> = kinds.collect();
        vec![
            event.name.clone(),
            match event.publishers.len() {
                0 => "-".to_owned(),
                _ => words::some(&event.publishers, 2),
            },
            event.consumers.len().to_string(),
            event.other_teams.to_string(),
            event.versions.to_string(),
            event
                .risk
                .map_or_else(|| "-".to_owned(), |risk| risk.to_string()),
            match kinds.len() {
                0 => "-".to_owned(),
                _ => words::some(kinds, 3),
            },
        ]
    };
    let rows: Vec<Vec<String>> = events.into_iter().map(row).collect();
    table(
        "Events, the riskiest to change first",
        &columns_of_events(),
        &rows,
        telling.most(),
        telling.look,
        out,
    )
}
