//! Figures for people: a table for each kind of thing, and below it what its columns tell and what is high.

use std::io::{self, Write};
use std::time::Duration;

use super::form::{Cycle, Figures, Pair, Service};
use super::table::{Column, heading, legend, number, plain, table, word};
use crate::report::Look;
use crate::rules::words::{self, count, some};
use crate::rules::{Check, find};

/// Rows of a table where not all are asked for.
const ROWS: usize = 20;

/// How to tell figures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Telling {
    /// The terminal.
    pub(super) look: Look,
    /// Whether tables are told in full.
    pub(super) all: bool,
    /// By what the services are ordered, in words.
    pub(super) order: &'static str,
}

impl Telling {
    /// The rows of a table.
    pub(super) fn most(self) -> usize {
        if self.all { usize::MAX } else { ROWS }
    }
}

/// Tells all figures.
pub(super) fn tell(figures: &Figures, telling: Telling, out: &mut dyn Write) -> io::Result<()> {
    notes(figures, telling.look, out)?;
    system(figures, telling.look, out)?;
    services(figures, telling, out)?;
    unsteady(figures, telling, out)?;
    cycles(figures, telling, out)?;
    super::tables::routes(figures, telling, out)?;
    super::tables::objectives(figures, telling, out)?;
    super::tables::sagas(figures, telling, out)?;
    super::tables::teams(figures, telling, out)?;
    super::tables::events(figures, telling, out)?;
    writeln!(
        out,
        "? is not known; `msarch metrics --explain` tells how each figure is worked out"
    )
}

/// What makes figures uncertain, before any of them.
pub(super) fn notes(figures: &Figures, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let notes = figures.notes.iter();
    let notes: Vec<_> = notes.map(|note| ("note:", note.as_str())).collect();
    legend(&notes, look, out)
}

fn system(figures: &Figures, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let system = &figures.system;
    let head = format!(
        "{}: {}, {}, {}, {}",
        plain(&system.name),
        count(system.services, "service"),
        count(figures.routes.len(), "route"),
        count(figures.events.len(), "event"),
        count(figures.sagas.len(), "saga"),
    );
    heading(&head, look, out)?;
    let crossing = share(system.cross_team_share);
    let chain = match system.longest_chain_calls {
        Some(0) if system.calling_pairs > 0 => {
            "all calls go round in circles, and a circle counts as one".to_owned()
        }
        Some(0) => "nobody calls anybody".to_owned(),
        Some(_) => words::way(&system.longest_chain),
        None if system.longest_chain.is_empty() => "as far as it is declared".to_owned(),
        None => format!(
            "{} as far as it is declared",
            words::way(&system.longest_chain)
        ),
    };
    let lines = [
        ("calling pairs", system.calling_pairs.to_string(), "pairs of services of which one calls the other".to_owned()),
        ("listening pairs", system.listening_pairs.to_string(), "pairs of which one receives events of the other".to_owned()),
        ("synchronous", share(system.synchronous_share), "calling pairs among both: the higher, the more stands still together".to_owned()),
        ("longest chain", known(system.longest_chain_calls), format!("calls one upon another, high from {} on: {chain}", limit("sync-chain-too-long") + 1.0)),
        ("circles", figures.cycles.len().to_string(), "knots of services that call each other in circles; one is too many".to_owned()),
        ("across teams", crossing, format!("{} of the calling pairs that teams own; high above {}", system.cross_team_pairs, words::percent(limit("cross-team-coupling")))),
        ("Conway fit", fraction(system.conway_fit), "how well teams fit what is coupled, -0.5 to 1: good from 0.3 on, and 0 is no better than chance".to_owned()),
    ];
    let meanings: Vec<(String, String)> = lines
        .into_iter()
        .map(|(word, value, meaning)| (format!("{word:15}  {value:>7}"), meaning))
        .collect();
    let meanings: Vec<(&str, &str)> = meanings
        .iter()
        .map(|(word, meaning)| (word.as_str(), meaning.as_str()))
        .collect();
    legend(&meanings, look, out)
}

/// The columns of services, with what `--sort` calls them.
fn columns() -> Vec<Column> {
    let hub = limit("hub-service");
    vec![
        word("service", ""),
        number(
            "in",
            format!(
                "services that call it; high from {hub} on, where it calls as many (hub-service)"
            ),
        ),
        number(
            "out",
            format!(
                "whom it calls, systems that are not ours included; high above {} (fan-out)",
                limit("fan-out")
            ),
        ),
        number(
            "instability",
            "services that it calls among those and its callers: 0 is relied upon, 1 relies on others",
        ),
        number(
            "depth",
            format!(
                "calls one upon another from it on; high above {} (sync-chain-too-long)",
                limit("sync-chain-too-long")
            ),
        ),
        number(
            "blast",
            "other services that fail when it fails; high is what nobody can do without",
        ),
        number(
            "routes",
            format!(
                "routes that cannot be answered without it; from {} on it should run more than once (single-point-of-failure)",
                limit("single-point-of-failure")
            ),
        ),
        number(
            "gates",
            "other services that requests from outside reach through it alone; - where none reaches it",
        ),
        number(
            "attempts",
            format!(
                "how often one request may arrive, when everybody on the way tries again; high from {} on (retry-amplification)",
                limit("retry-amplification")
            ),
        ),
        number("published", "events that it publishes"),
        number("received", "events that it receives"),
    ]
}

fn services(figures: &Figures, telling: Telling, out: &mut dyn Write) -> io::Result<()> {
    if figures.services.is_empty() {
        return writeln!(out, "there are no services\n");
    }
    let rows: Vec<Vec<String>> = figures.services.iter().map(row).collect();
    let title = format!("Services, {}", telling.order);
    table(&title, &columns(), &rows, telling.most(), telling.look, out)
}

fn row(service: &Service) -> Vec<String> {
    let nobody = service.callers + service.callees == 0 && service.fan_out.is_some();
    vec![
        service.name.clone(),
        service.callers.to_string(),
        known(service.fan_out),
        if nobody {
            "-".to_owned()
        } else {
            fraction(service.instability)
        },
        known(service.depth),
        service.blast_radius.to_string(),
        service
            .routes
            .map_or_else(|| "-".to_owned(), |it| it.to_string()),
        service
            .gates
            .map_or_else(|| "-".to_owned(), |it| it.to_string()),
        known(service.attempts),
        service.events_published.to_string(),
        service.events_received.to_string(),
    ]
}

fn unsteady(figures: &Figures, telling: Telling, out: &mut dyn Write) -> io::Result<()> {
    if figures.unsteady_calls.is_empty() {
        return Ok(());
    }
    let columns = [word(
        "unsteady calls",
        "from a service that others rely on to one that changes more easily: instability grows by more than 0.3",
    )];
    let rows: Vec<Vec<String>> = figures
        .unsteady_calls
        .iter()
        .map(|it| vec![arrow(it)])
        .collect();
    table(
        "Unsteady calls",
        &columns,
        &rows,
        telling.most(),
        telling.look,
        out,
    )
}

fn cycles(figures: &Figures, telling: Telling, out: &mut dyn Write) -> io::Result<()> {
    if figures.cycles.is_empty() {
        return Ok(());
    }
    let columns = [
        word(
            "circle",
            "a shortest circle; whoever calls in circles waits for itself (sync-cycle)",
        ),
        number(
            "services",
            "services that call each other in this and further circles",
        ),
        word(
            "cheapest",
            "the call that is the cheapest to turn into an event: it reads, and uses few operations",
        ),
        word(
            "besides",
            "calls that have to go too, so that no circle remains",
        ),
    ];
    let rows: Vec<Vec<String>> = figures.cycles.iter().map(circle).collect();
    table(
        "Circles of calls",
        &columns,
        &rows,
        telling.most(),
        telling.look,
        out,
    )
}

fn circle(cycle: &Cycle) -> Vec<String> {
    let uses = match (cycle.cheapest_operations, cycle.cheapest_writes) {
        (Some(operations), Some(false)) => format!("{}, reads", count(operations, "operation")),
        (Some(operations), _) => format!("{}, writes", count(operations, "operation")),
        (None, _) => "operations not declared".to_owned(),
    };
    vec![
        words::way(&cycle.path),
        cycle.services.len().to_string(),
        format!("{} ({uses})", arrow(&cycle.cheapest)),
        if cycle.besides.is_empty() {
            "-".to_owned()
        } else {
            some(cycle.besides.iter().map(arrow), 3)
        },
    ]
}

fn arrow(pair: &Pair) -> String {
    format!("{} -> {}", pair.from, pair.to)
}

/// The limit of a rule, where the file does not set another.
pub(super) fn limit(rule: &str) -> f64 {
    match find(rule).map(|rule| rule.check) {
        Some(Check::Limited { limit, .. }) => limit,
        _ => f64::NAN,
    }
}

/// A figure, or that it is not known.
pub(super) fn known<T: ToString>(figure: Option<T>) -> String {
    figure.map_or_else(|| "?".to_owned(), |figure| figure.to_string())
}

/// `0.25`.
pub(super) fn fraction(figure: Option<f64>) -> String {
    known(figure.map(|figure| format!("{figure:.2}")))
}

/// `25 %`.
pub(super) fn share(figure: Option<f64>) -> String {
    known(figure.map(|figure| format!("{:.0} %", figure * 100.0)))
}

/// `1.5s`.
pub(super) fn time(millis: Option<u64>) -> String {
    known(millis.map(|millis| match millis {
        0 => "0".to_owned(),
        millis => words::duration(Duration::from_millis(millis)),
    }))
}
