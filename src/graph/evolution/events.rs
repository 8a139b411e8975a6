//! What became of events: schemas that changed in place, versions that went while somebody took them, names that changed on the wire.

use std::collections::BTreeSet;

use super::schema::{Difference, Schema, Verdict, differences};
use super::takers::{Reader, Takers};
use super::{Pairs, Sides};
use crate::model::Model;
use crate::model::arena::EventId;
use crate::model::event::{Compatibility, Event};
use crate::model::service::Party;

/// What became of an event.
#[derive(Debug, Clone)]
pub struct EventChange {
    /// The event as it is now.
    pub event: EventId,
    /// What became of it.
    pub kind: EventChangeKind,
    /// Which changes are allowed.
    pub mode: Compatibility,
    /// Whether the file says so; else it follows from who takes the event.
    pub declared: bool,
    /// Who publishes it.
    pub writers: Vec<String>,
    /// Who took this version of it.
    pub before: Vec<Reader>,
    /// Who takes this version of it now.
    pub now: Vec<Reader>,
}

/// What became of an event.
#[derive(Debug, Clone)]
pub enum EventChangeKind {
    /// A version has another schema.
    Schema {
        /// Its place among the versions of now.
        version: usize,
        /// What it was called.
        was: String,
        /// What differs.
        differences: Vec<Difference>,
    },
    /// A version is not published any more.
    Gone {
        /// What it was called.
        was: String,
        /// Whether another version is new: it may be meant to take its place.
        replaced: Option<usize>,
    },
    /// It has another name, and with it another topic.
    Renamed {
        /// What it was called.
        was: String,
    },
}

impl EventChange {
    /// Whether who reads it now can read what was published before, and who read it before what is published now.
    #[must_use]
    pub fn reads(&self) -> (Verdict, Verdict) {
        match &self.kind {
            EventChangeKind::Schema { differences, .. } => (
                differences
                    .iter()
                    .map(|it| it.backward)
                    .max()
                    .unwrap_or(Verdict::Holds),
                differences
                    .iter()
                    .map(|it| it.forward)
                    .max()
                    .unwrap_or(Verdict::Holds),
            ),
            EventChangeKind::Gone { .. } | EventChangeKind::Renamed { .. } => {
                (Verdict::Breaks, Verdict::Breaks)
            }
        }
    }

    /// Whom it hurts in a way that its mode forbids; nobody where it is allowed.
    #[must_use]
    pub fn hurts(&self) -> Vec<&Reader> {
        if !matches!(self.kind, EventChangeKind::Schema { .. }) {
            return self.before.iter().collect();
        }
        let (backward, forward) = self.reads();
        let backward = self.mode.backward && backward == Verdict::Breaks;
        let forward = self.mode.forward && forward == Verdict::Breaks;
        let now = self.now.iter().filter(|_| backward);
        let before = self.before.iter().filter(|_| forward);
        let mut told = BTreeSet::new();
        now.chain(before)
            .filter(|reader| told.insert(&reader.who.who))
            .collect()
    }

    /// Who is deployed before whom, where one direction alone is sure: first, and then. None where nobody has to wait for another.
    #[must_use]
    pub fn order(&self) -> Option<(Vec<String>, Vec<String>)> {
        let mut told = BTreeSet::new();
        let readers: Vec<String> = self
            .now
            .iter()
            .filter_map(|reader| reader.service.clone())
            .filter(|service| !self.writers.contains(service) && told.insert(service.clone()))
            .collect();
        if readers.is_empty() || self.writers.is_empty() {
            return None;
        }
        match self.reads() {
            (Verdict::Holds, Verdict::Breaks | Verdict::Unknown) => {
                Some((readers, self.writers.clone()))
            }
            (Verdict::Breaks | Verdict::Unknown, Verdict::Holds) => {
                Some((self.writers.clone(), readers))
            }
            _ => None,
        }
    }

    /// The differences that its mode forbids.
    pub fn breaking(&self) -> impl Iterator<Item = &Difference> {
        let differences = match &self.kind {
            EventChangeKind::Schema { differences, .. } => differences.as_slice(),
            _ => &[],
        };
        let mode = self.mode;
        differences.iter().filter(move |difference| {
            mode.backward && difference.backward == Verdict::Breaks
                || mode.forward && difference.forward == Verdict::Breaks
        })
    }
}

/// What became of the events of two versions.
pub(crate) fn of(sides: &Sides<'_>) -> Vec<EventChange> {
    let mut changes = Vec::new();
    let (before, now) = (Takers::of(sides.old, false), Takers::of(sides.new, true));
    for (old, new) in pairs(sides.old, sides.new).kept {
        let pair = Pair {
            sides,
            before: &before,
            now: &now,
            old,
            new,
        };
        pair.changes(&mut changes);
    }
    changes
}

/// Which events are the same in two versions.
pub(super) fn pairs(old: &Model, new: &Model) -> Pairs<EventId> {
    Pairs::of(
        old.events.entries().map(|(id, old)| (id, &old.name)),
        new.events
            .entries()
            .map(|(id, new)| (id, &new.name, new.renamed_from.as_ref())),
    )
}

/// An event before and now.
struct Pair<'s, 'm> {
    sides: &'s Sides<'m>,
    before: &'s Takers,
    now: &'s Takers,
    old: EventId,
    new: EventId,
}

impl Pair<'_, '_> {
    fn changes(&self, changes: &mut Vec<EventChange>) {
        let old = &self.sides.old.events[self.old];
        let new = &self.sides.new.events[self.new];
        if old.name.kebab() != new.name.kebab() {
            let before = self.before.all(self.old);
            let was = old.name.to_string();
            changes.push(self.change(EventChangeKind::Renamed { was }, before, Vec::new()));
        }
        for (at, version) in old.versions.iter().enumerate() {
            let before = self.before.version(self.old, at);
            let was = version.label.value.clone();
            let now = new
                .versions
                .iter()
                .position(|now| now.number == version.number);
            let Some(index) = now else {
                if !before.is_empty() {
                    let kind = EventChangeKind::Gone {
                        was,
                        replaced: replaced(old, new),
                    };
                    changes.push(self.change(kind, before, Vec::new()));
                }
                continue;
            };
            let differences = differences(
                Schema::of(self.sides.old, &version.schema),
                Schema::of(self.sides.new, &new.versions[index].schema),
            );
            if !differences.is_empty() && version.has_schema && new.versions[index].has_schema {
                let now = self.now.version(self.new, index);
                let kind = EventChangeKind::Schema {
                    version: index,
                    was,
                    differences,
                };
                changes.push(self.change(kind, before, now));
            }
        }
    }

    fn change(&self, kind: EventChangeKind, before: Vec<Reader>, now: Vec<Reader>) -> EventChange {
        let event = &self.sides.new.events[self.new];
        let (mode, declared) = match event.compatibility {
            Some(mode) => (mode, true),
            None => (self.mode(), false),
        };
        EventChange {
            event: self.new,
            kind,
            mode,
            declared,
            writers: writers(self.sides.new, event),
            before,
            now,
        }
    }

    /// Nobody controls the order in which two teams deploy: both directions have to hold between them.
    fn mode(&self) -> Compatibility {
        let across = crosses(self.sides.old, self.old) || crosses(self.sides.new, self.new);
        Compatibility {
            backward: true,
            forward: across,
            transitive: across,
        }
    }
}

/// The new version that came where another went.
fn replaced(old: &Event, new: &Event) -> Option<usize> {
    new.versions.iter().position(|now| {
        old.versions
            .iter()
            .all(|before| before.number != now.number)
    })
}

pub(super) fn writers(model: &Model, event: &Event) -> Vec<String> {
    let writers = event.producers.iter();
    writers
        .map(|party| model.name_of(party.value).to_string())
        .collect()
}

/// Whether an event is taken by another team than publishes it, as far as teams are known.
fn crosses(model: &Model, id: EventId) -> bool {
    let event = &model.events[id];
    if event.public || event.external && !event.consumers.is_empty() {
        return true;
    }
    let team = |service| model.services[service].team;
    let takers = event
        .consumers
        .iter()
        .map(|id| model.consumers[*id].service);
    takers.filter_map(team).any(|taker| {
        event.producers.iter().any(|party| match party.value {
            Party::Service(service) => team(service).is_some_and(|writer| writer != taker),
            Party::External(_) => true,
        })
    })
}
