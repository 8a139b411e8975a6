//! Two sides of an event are never deployed at once: for a while the one reads what the other of before has written.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::graph::evolution::events::{EventChange, EventChangeKind, GoneEvent};
use crate::graph::evolution::schema::{Difference, Verdict};
use crate::graph::evolution::stored::{StoredChange, StoredChangeKind, instead as otherwise};
use crate::graph::evolution::{Evolution, Reader, Since};
use crate::model::Model;
use crate::model::event::{Event, EventVersion};
use crate::model::types::Fields;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("breaking-schema-change"),
    family: Family::Events,
    severity: Severity::Error,
    required: false,
    summary: "an event changed in a way that its consumers cannot read (validate --against)",
    docs: include_str!("breaking_schema_change.md"),
    check: Check::Graph(check),
};

/// How many places and names one finding shows.
const SHOWN: usize = 4;

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let mut told = BTreeSet::new();
    let mut findings = Vec::new();
    for (since, change) in compared(&graph.evolution) {
        let event = &graph.model.events[change.event];
        let hurt = change.hurts();
        if hurt.is_empty() {
            continue;
        }
        let finding = of(event, change, &hurt, since);
        // Against several older versions, the same change is one.
        if told.insert((change.event, finding.message.clone())) {
            findings.push(finding);
        }
    }
    if let Some(since) = graph.evolution.since.last() {
        let gone = since.gone.iter().filter(|event| !event.before.is_empty());
        findings.extend(gone.map(|event| dropped(graph.model, event, since)));
    }
    findings.extend(stored(graph));
    findings
}

/// An event that went while somebody took it. It stands nowhere any more; who published it is the place to bring it back.
fn dropped(model: &Model, event: &GoneEvent, since: &Since) -> Finding {
    let GoneEvent {
        name,
        writers,
        before,
    } = event;
    let mut services = model.services.iter();
    let writer = services.find(|service| writers.iter().any(|name| name == service.name.as_str()));
    let (span, here) = match writer {
        Some(service) => (
            service.name.span(),
            format!("{} published it in {}", service.name, since.name),
        ),
        None => (
            model.system.name.span(),
            format!("it was published in {}", since.name),
        ),
    };
    let readers = before.iter().map(|reader| &reader.who);
    let who = words::some(readers, SHOWN);
    let message = format!("{name} is not published any more: breaks {who}");
    let mut finding = RULE
        .finding(span, message)
        .here(here)
        .help(format!("keep {name} until nobody takes it any more: take it from its consumers and deploy them first"))
        .about(name.as_str());
    for reader in before {
        finding = finding.about(reader.who.who.as_str());
    }
    finding
}

/// Events that aggregates keep for themselves. Any version may have stored some, so every one that is given counts.
fn stored(graph: &Graph<'_>) -> Vec<Finding> {
    let mut told = BTreeSet::new();
    let mut findings = Vec::new();
    for since in graph.evolution.since.iter().rev() {
        for change in &since.stored {
            let finding = unreadable(graph, change, since);
            findings.extend(finding.filter(|finding| told.insert(finding.message.clone())));
        }
    }
    findings
}

fn unreadable(graph: &Graph<'_>, change: &StoredChange, since: &Since) -> Option<Finding> {
    let aggregate = &graph.model.aggregates[change.aggregate];
    let reader = &change.reader;
    let finding = match &change.kind {
        StoredChangeKind::Gone { was } => RULE
            .finding(
                aggregate.name.span(),
                format!("{}.{was} is not applied any more: {reader} cannot read the streams that hold one", aggregate.name),
            )
            .here(format!("it did in {}", since.name))
            .help(format!("keep {was} among the aggregate's events, also when no command raises it any more"))
            .about(was.as_str()),
        StoredChangeKind::Schema { event, .. } => {
            let event = &aggregate.events[*event];
            let breaking: Vec<&Difference> = change.breaking().collect();
            let first = breaking.first()?;
            let phrases = words::some(breaking.iter().map(|difference| difference.phrase()), SHOWN);
            RULE.finding(
                field(&event.schema, &first.path).unwrap_or(event.span),
                format!("{}.{}: {phrases}; {reader} cannot read the events that are stored already", aggregate.name, event.name),
            )
            .here(format!("since {}, stored events are read as this", since.name))
            .help(otherwise(event.name.as_str(), first))
            .about(event.name.as_str())
        }
    };
    Some(finding.about(aggregate.name.as_str()))
}

/// What counts: the last of the older versions, and for transitive modes all of them.
fn compared(evolution: &Evolution) -> impl Iterator<Item = (&Since, &EventChange)> {
    let last = evolution.since.len().saturating_sub(1);
    let since = evolution.since.iter().enumerate().rev();
    since.flat_map(move |(at, since)| {
        let changes = since.events.iter();
        changes
            .filter(move |change| at == last || change.mode.transitive)
            .map(move |change| (since, change))
    })
}

fn of(event: &Event, change: &EventChange, hurt: &[&Reader], since: &Since) -> Finding {
    let who = words::some(hurt.iter().map(|reader| &reader.who), SHOWN);
    let finding = match &change.kind {
        EventChangeKind::Schema { version, was, .. } => {
            schema(event, &event.versions[*version], was, change, &who, since)
        }
        EventChangeKind::Gone { was, replaced } => {
            let span = replaced.map_or(event.name.span(), |at| event.versions[at].label.span);
            let message = format!(
                "{} {was} is not published any more: breaks {who}",
                event.name
            );
            RULE.finding(span, message)
                .here(format!("{was} stood here in {}", since.name))
                .help(gone(event, was, *replaced, change))
        }
        EventChangeKind::Renamed { was } => {
            let span = event
                .renamed_from
                .as_ref()
                .map_or(event.name.span(), |from| from.span());
            let message = format!("{was} is called {} now: breaks {who}", event.name);
            let help = format!(
                "declare {} beside {was} and let {} publish both; remove {was} when nobody takes it any more",
                event.name,
                writers(change)
            );
            RULE.finding(span, message)
                .here("it comes on another topic under this name")
                .help(help)
        }
    };
    let mut finding = finding.about(event.name.as_str());
    for reader in hurt {
        finding = finding.about(reader.who.who.as_str());
    }
    for reader in hurt.iter().take(SHOWN) {
        if let Some(span) = reader.span {
            finding = finding.label(span, format!("{} takes it", reader.who));
        }
    }
    finding
}

fn schema(
    event: &Event,
    version: &EventVersion,
    was: &str,
    change: &EventChange,
    who: &str,
    since: &Since,
) -> Finding {
    let breaking: Vec<&Difference> = change.breaking().collect();
    let label = &version.label;
    let title = if was == label.value {
        format!("{} {label}", event.name)
    } else {
        format!("{} {label} (was {was})", event.name)
    };
    let phrases = words::some(breaking.iter().map(|difference| difference.phrase()), SHOWN);
    let span = |difference: &Difference| place(version, &difference.path);
    let first = breaking.iter().find_map(|difference| span(difference));
    let mut finding = RULE
        .finding(
            first.unwrap_or(label.span),
            format!("{title}: {phrases}; breaks {who}"),
        )
        .here(directions(change, since));
    let mut shown = BTreeSet::from([finding.span()]);
    for difference in breaking.iter().take(SHOWN) {
        if let Some(span) = span(difference).filter(|span| shown.insert(*span)) {
            finding = finding.label(span, difference.what.clone());
        }
    }
    finding.help(instead(event, was, change))
}

/// Where the new file speaks of a path: at the field that it begins with.
fn place(version: &EventVersion, path: &str) -> Option<Span> {
    field(&version.schema, path)
}

fn field(schema: &Fields, path: &str) -> Option<Span> {
    let field = path.split(['.', '[']).next()?;
    let fields = schema.fields.iter();
    fields
        .filter(|known| known.name.as_str() == field)
        .map(|known| known.name.span())
        .next()
}

/// Who cannot read what, and why that matters here.
fn directions(change: &EventChange, since: &Since) -> String {
    let (backward, forward) = change.reads();
    let old = change.mode.backward && backward == Verdict::Breaks;
    let new = change.mode.forward && forward == Verdict::Breaks;
    let what = match (old, new) {
        (true, true) => "neither side reads the other",
        (true, false) => "what was published before cannot be read any more",
        _ => "who reads as before cannot read what is published now",
    };
    let mode = change.mode.as_str();
    let why = match (change.declared, change.mode.forward) {
        (true, _) => format!("`compatibility: {mode}`"),
        (false, true) => format!("{mode}: other teams take it"),
        (false, false) => format!("{mode}, unless `compatibility` says otherwise"),
    };
    format!("since {}, {what} ({why})", since.name)
}

/// What to do instead, and in which order.
fn instead(event: &Event, was: &str, change: &EventChange) -> String {
    let next = event
        .versions
        .last()
        .map_or(1, |last| last.number)
        .saturating_add(1);
    let steps = format!(
        "leave {was} as it was and publish v{next} beside it under `versions:`; deploy {}, then move the consumers, then remove {was}",
        writers(change)
    );
    match change.order() {
        // The other way round, what waits in the broker could still not be read.
        Some((first, then)) if change.reads().0 == Verdict::Holds => format!(
            "{steps}; or agree on `compatibility: backward` and deploy {} before {}",
            words::list(first),
            words::list(then)
        ),
        _ => steps,
    }
}

fn gone(event: &Event, was: &str, replaced: Option<usize>, change: &EventChange) -> String {
    let beside = replaced.map_or_else(
        || "the others".to_owned(),
        |at| event.versions[at].label.to_string(),
    );
    format!(
        "keep {was} beside {beside} under `versions:`; deploy {}, then the consumers, and remove {was} when nobody takes it any more",
        writers(change)
    )
}

fn writers(change: &EventChange) -> String {
    if change.writers.is_empty() {
        "its producer".to_owned()
    } else {
        words::list(&change.writers)
    }
}
