//! Events: new and gone, their versions and schemas, who publishes and who takes them.

use std::collections::BTreeMap;

use super::{Area, Change, Kind, Order, Sides};
use crate::graph::evolution::Concerned;
use crate::graph::evolution::events::{EventChange, EventChangeKind, Latest, writers};
use crate::graph::evolution::schema::Verdict;
use crate::graph::evolution::stored::{self, StoredChange, StoredChangeKind};
use crate::graph::evolution::takers::Reader;
use crate::model::Model;
use crate::model::event::Event;

pub(super) fn of(sides: &Sides<'_>) -> Vec<Change> {
    let latest = Latest::of(sides);
    let mut changes = Vec::new();
    for id in &latest.pairs.added {
        let event = &sides.new.events[*id];
        // What is published before anybody listens is missed.
        let order = Order::new(services(&latest.now.all(*id)), writers(sides.new, event));
        changes.push(change(event, Kind::Added, "is new").ordered(order));
    }
    let mut events = latest.changes().into_iter().peekable();
    for (old, new) in &latest.pairs.kept {
        while let Some(found) = events.next_if(|change| change.event == *new) {
            told(sides.new, &found, &mut changes);
        }
        let (was, is) = (&sides.old.events[*old], &sides.new.events[*new]);
        versions(was, is, &mut changes);
        edges(sides, was, is, &mut changes);
    }
    for event in latest.gone() {
        let hurts = event.before.into_iter().map(|reader| reader.who);
        changes.push(
            Change::new(Area::Events, Kind::Removed, event.name, "is gone")
                .hurting(hurts.collect())
                .advised("publish it until nobody takes it any more: consumers are deployed first"),
        );
    }
    for found in stored::of(sides) {
        kept(sides.new, &found, &mut changes);
    }
    changes
}

/// What became of an event that an aggregate keeps for itself, difference by difference.
fn kept(model: &Model, found: &StoredChange, changes: &mut Vec<Change>) {
    let aggregate = &model.aggregates[found.aggregate];
    let subject = |event: &str| format!("{}.{event}", aggregate.name);
    match &found.kind {
        StoredChangeKind::Gone { was } => changes.push(
            Change::new(
                Area::Events,
                Kind::Removed,
                subject(was),
                "is not applied any more, and may be stored",
            )
            .hurting(vec![found.reader.clone()])
            .advised(format!(
                "keep {was} among the aggregate's events: streams that hold one cannot be read without it"
            )),
        ),
        StoredChangeKind::Schema { event, differences } => {
            let event = aggregate.events[*event].name.as_str();
            for difference in differences {
                let hurts = if StoredChange::breaks(difference) {
                    vec![found.reader.clone()]
                } else {
                    Vec::new()
                };
                let doubt = if difference.backward == Verdict::Unknown {
                    " (whether what is stored can be read is not known)"
                } else {
                    ""
                };
                let what = format!("{}{doubt}", difference.phrase());
                changes.push(
                    Change::new(Area::Events, Kind::Changed, subject(event), what)
                        .hurting(hurts)
                        .advised(stored::instead(event, difference)),
                );
            }
        }
    }
}

fn change(event: &Event, kind: Kind, what: impl Into<String>) -> Change {
    Change::new(Area::Events, kind, event.name.as_str(), what)
}

fn services(readers: &[Reader]) -> Vec<String> {
    readers
        .iter()
        .filter_map(|reader| reader.service.clone())
        .collect()
}

/// What became of a version, difference by difference.
fn told(model: &Model, found: &EventChange, changes: &mut Vec<Change>) {
    let event = &model.events[found.event];
    let everybody = || {
        found
            .hurts()
            .into_iter()
            .map(|reader| reader.who.clone())
            .collect()
    };
    match &found.kind {
        EventChangeKind::Renamed { was } => changes.push(
            change(event, Kind::Changed, format!("was called {was}"))
                .hurting(everybody())
                .advised(format!("publish both until nobody takes {was} any more")),
        ),
        EventChangeKind::Gone { was, .. } => changes.push(
            change(
                event,
                Kind::Removed,
                format!("has no version {was} any more"),
            )
            .hurting(everybody())
            .advised(format!(
                "keep {was} beside the others under `versions:` until nobody takes it any more"
            )),
        ),
        EventChangeKind::Schema {
            version,
            was,
            differences,
        } => {
            let label = &event.versions[*version].label;
            let hurts: Vec<Concerned> = everybody();
            let next = event
                .versions
                .last()
                .map_or(1, |last| last.number)
                .saturating_add(1);
            for difference in differences {
                let breaks = found.breaking().any(|breaking| breaking == difference);
                let doubt = difference.backward.max(difference.forward) == Verdict::Unknown;
                let doubt = if doubt {
                    " (whether it can be read is not known)"
                } else {
                    ""
                };
                let what = format!("{label}: {}{doubt}", difference.phrase());
                let change = change(event, Kind::Changed, what)
                    .hurting(if breaks { hurts.clone() } else { Vec::new() })
                    .advised(format!(
                        "leave {was} as it was and publish v{next} beside it under `versions:`; move the consumers, then remove {was}"
                    ));
                let order = if breaks { None } else { found.order() };
                changes
                    .push(change.ordered(order.and_then(|(first, then)| Order::new(first, then))));
            }
        }
    }
}

/// Versions that came, those that are called otherwise, and those that nobody should take up any more.
fn versions(was: &Event, is: &Event, changes: &mut Vec<Change>) {
    for version in &is.versions {
        let label = &version.label;
        let mut known = was.versions.iter();
        let Some(before) = known.find(|before| before.number == version.number) else {
            let what = format!("has the new version {label}");
            changes.push(change(is, Kind::Added, what));
            continue;
        };
        let mut changed = |what: String| changes.push(change(is, Kind::Changed, what));
        if before.label.value != label.value {
            changed(format!("{label} was called {}", before.label));
        }
        match (before.has_schema, version.has_schema) {
            (false, true) => changed(format!("{label} has a schema now")),
            (true, false) => changed(format!("{label} has no schema any more")),
            _ => {}
        }
        match (before.deprecated, version.deprecated) {
            (false, true) => changed(format!("{label} is deprecated now")),
            (true, false) => changed(format!("{label} is deprecated no more")),
            _ => {}
        }
    }
}

/// Publishers and consumers that came and went.
fn edges(sides: &Sides<'_>, was: &Event, is: &Event, changes: &mut Vec<Change>) {
    let (before, now) = (writers(sides.old, was), writers(sides.new, is));
    let before: Vec<String> = before.iter().map(|name| sides.name_now(name)).collect();
    for writer in now.iter().filter(|writer| !before.contains(writer)) {
        changes.push(change(
            is,
            Kind::Added,
            format!("is published by {writer} now"),
        ));
    }
    for writer in before.iter().filter(|writer| !now.contains(writer)) {
        changes.push(change(
            is,
            Kind::Removed,
            format!("is no longer published by {writer}"),
        ));
    }
    let (before, now) = (consumers(sides.old, was), consumers(sides.new, is));
    let before: BTreeMap<String, String> = before
        .into_iter()
        .map(|(name, versions)| (sides.name_now(&name), versions))
        .collect();
    for (name, versions) in &now {
        match before.get(name) {
            None => changes.push(change(is, Kind::Added, format!("is taken by {name} now"))),
            Some(earlier) if earlier != versions => {
                let what = format!("is taken by {name} as {versions}, was as {earlier}");
                changes.push(change(is, Kind::Changed, what));
            }
            Some(_) => {}
        }
    }
    for name in before.keys().filter(|name| !now.contains_key(*name)) {
        changes.push(change(
            is,
            Kind::Removed,
            format!("is no longer taken by {name}"),
        ));
    }
    match (was.public, is.public) {
        (false, true) => changes.push(change(
            is,
            Kind::Added,
            "may be taken outside of this system now",
        )),
        (true, false) => changes.push(change(
            is,
            Kind::Removed,
            "may no longer be taken outside of this system",
        )),
        _ => {}
    }
}

/// Who takes an event in which versions: `v1, v2`.
fn consumers(model: &Model, event: &Event) -> BTreeMap<String, String> {
    let consumers = event.consumers.iter().map(|id| &model.consumers[*id]);
    consumers
        .map(|consumer| {
            let versions: Vec<String> = consumer
                .versions
                .iter()
                .map(|version| format!("v{}", event.versions[*version].number))
                .collect();
            (
                model.services[consumer.service].name.to_string(),
                versions.join(", "),
            )
        })
        .collect()
}
