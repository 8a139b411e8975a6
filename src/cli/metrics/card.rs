//! One service with all its figures, and who is behind them.

use std::io::{self, Write};

use super::form::{Figures, Neighbours, Service};
use super::human::{Telling, fraction, known, limit, notes, share, time};
use super::table::{heading, legend, plain};
use super::tables;
use crate::rules::words::{count, some};

/// Names in a line where not all are asked for.
const NAMES: usize = 8;

/// Tells a service.
pub(super) fn tell(figures: &Figures, telling: Telling, out: &mut dyn Write) -> io::Result<()> {
    notes(figures, telling.look, out)?;
    for service in &figures.services {
        let Some(neighbours) = &service.by_name else {
            continue;
        };
        let team = service.team.as_deref().unwrap_or("no team");
        let title = format!("{} ({})", plain(&service.name), plain(team));
        heading(&title, telling.look, out)?;
        let lines: Vec<(String, String)> = lines(service, neighbours, telling.all)
            .into_iter()
            .map(|(word, value, meaning)| (format!("{word:11}  {value:>6}"), meaning))
            .collect();
        let lines: Vec<(&str, &str)> = lines
            .iter()
            .map(|(word, meaning)| (word.as_str(), meaning.as_str()))
            .collect();
        legend(&lines, telling.look, out)?;
    }
    tables::routes(figures, telling, out)?;
    tables::objectives(figures, telling, out)?;
    tables::sagas(figures, telling, out)?;
    tables::events(figures, telling, out)
}

/// A word, its figure, and what that tells.
type Line = (&'static str, String, String);

fn lines(service: &Service, by_name: &Neighbours, all: bool) -> Vec<Line> {
    let most = if all { usize::MAX } else { NAMES };
    let who = |names: &[String]| match names.len() {
        0 => String::new(),
        _ => format!(": {}", some(names, most)),
    };
    let mut lines = Vec::from(calls(service, by_name, &who));
    lines.extend(failures(service, by_name, &who));
    lines.extend(events(service, by_name, &who));
    lines
}

fn calls(service: &Service, by_name: &Neighbours, who: &dyn Fn(&[String]) -> String) -> [Line; 6] {
    let (used, asked) = (service.operations_used, service.operations_called);
    let (wide, deep, often) = (
        limit("fan-out"),
        limit("sync-chain-too-long"),
        limit("retry-amplification"),
    );
    let (callers, callees) = (who(&by_name.callers), who(&by_name.callees));
    let cycle = if service.on_a_cycle {
        "; it lies on a circle (sync-cycle)"
    } else {
        ""
    };
    [
        (
            "in",
            service.callers.to_string(),
            format!(
                "services call it, {} of its operations in all{callers}",
                known(used)
            ),
        ),
        (
            "out",
            known(service.fan_out),
            format!(
                "are called by it, {} of their operations in all, high above {wide}{callees}",
                known(asked)
            ),
        ),
        (
            "instability",
            fraction(service.instability),
            "0 is relied upon, 1 relies on others".to_owned(),
        ),
        (
            "depth",
            known(service.depth),
            format!("calls one upon another from it on, high above {deep}{cycle}"),
        ),
        (
            "waits",
            time(service.waiting_ms),
            "for all that it calls, at most".to_owned(),
        ),
        (
            "attempts",
            known(service.attempts),
            format!("may arrive of one request, high from {often} on"),
        ),
    ]
}

fn failures(
    service: &Service,
    by_name: &Neighbours,
    who: &dyn Fn(&[String]) -> String,
) -> [Line; 4] {
    let optional =
        |figure: Option<usize>| figure.map_or_else(|| "-".to_owned(), |it| it.to_string());
    let (failing, needed, routes) = (
        who(&by_name.fail_with_it),
        who(&by_name.fails_with),
        who(&by_name.routes),
    );
    let reached = if service.gates.is_some() {
        "other services that requests from outside reach through it alone"
    } else {
        "no request from the gateway reaches it"
    };
    [
        (
            "blast",
            service.blast_radius.to_string(),
            format!("other services fail when it fails{failing}"),
        ),
        (
            "needs",
            by_name.fails_with.len().to_string(),
            format!("others it cannot do without, through any number of calls{needed}"),
        ),
        (
            "routes",
            optional(service.routes),
            format!("cannot be answered without it{routes}"),
        ),
        ("gates", optional(service.gates), reached.to_owned()),
    ]
}

fn events(service: &Service, by_name: &Neighbours, who: &dyn Fn(&[String]) -> String) -> [Line; 4] {
    let listeners = count(service.event_listeners, "other service");
    let sources = count(service.event_sources, "other service");
    [
        (
            "published",
            service.events_published.to_string(),
            format!("events, for {listeners}{}", who(&by_name.publishes)),
        ),
        (
            "received",
            service.events_received.to_string(),
            format!("events, of {sources}{}", who(&by_name.receives)),
        ),
        (
            "events",
            share(service.event_coupling),
            "of all events pass it".to_owned(),
        ),
        (
            "sagas",
            by_name.sagas.len().to_string(),
            format!("it leads or takes a step of{}", who(&by_name.sagas)),
        ),
    ]
}
