//! One service with all its figures, and who is behind them.

use std::io::{self, Write};

use super::form::{Figures, Neighbours, Service};
use super::human::{Telling, fraction, known, limit, notes, share, time};
use super::table::{heading, legend, plain};
use super::tables;
use crate::rules::words::some;

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

fn lines(
    service: &Service,
    by_name: &Neighbours,
    all: bool,
) -> Vec<(&'static str, String, String)> {
    let who = |names: &[String]| match names.len() {
        0 => String::new(),
        _ => format!(": {}", some(names, if all { usize::MAX } else { NAMES })),
    };
    let operations = |number: Option<usize>| known(number);
    let reached = service.gates.map_or_else(
        || "no request from the gateway reaches it".to_owned(),
        |_| "other services that requests from outside reach through it alone".to_owned(),
    );
    let cycle = if service.on_a_cycle {
        "; it lies on a circle (sync-cycle)"
    } else {
        ""
    };
    vec![
        (
            "in",
            service.callers.to_string(),
            format!(
                "services call it, {} of its operations in all{}",
                operations(service.operations_used),
                who(&by_name.callers)
            ),
        ),
        (
            "out",
            known(service.fan_out),
            format!(
                "are called by it, {} of their operations in all, high above {}{}",
                operations(service.operations_called),
                limit("fan-out"),
                who(&by_name.callees)
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
            format!(
                "calls one upon another from it on, high above {}{cycle}",
                limit("sync-chain-too-long")
            ),
        ),
        (
            "waits",
            time(service.waiting_ms),
            "for all that it calls, at most".to_owned(),
        ),
        (
            "attempts",
            known(service.attempts),
            format!(
                "may arrive of one request, high from {} on",
                limit("retry-amplification")
            ),
        ),
        (
            "blast",
            service.blast_radius.to_string(),
            format!(
                "other services fail when it fails{}",
                who(&by_name.fail_with_it)
            ),
        ),
        (
            "needs",
            by_name.fails_with.len().to_string(),
            format!(
                "others it cannot do without, through any number of calls{}",
                who(&by_name.fails_with)
            ),
        ),
        (
            "routes",
            service
                .routes
                .map_or_else(|| "-".to_owned(), |it| it.to_string()),
            format!("cannot be answered without it{}", who(&by_name.routes)),
        ),
        (
            "gates",
            service
                .gates
                .map_or_else(|| "-".to_owned(), |it| it.to_string()),
            reached,
        ),
        (
            "published",
            service.events_published.to_string(),
            format!(
                "events, received by {} services{}",
                service.event_listeners,
                who(&by_name.publishes)
            ),
        ),
        (
            "received",
            service.events_received.to_string(),
            format!(
                "events of {} services{}",
                service.event_sources,
                who(&by_name.receives)
            ),
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
