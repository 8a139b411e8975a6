//! What became of events: schemas that changed in place, versions that went while somebody took them, names that changed on the wire.

use std::collections::{BTreeMap, BTreeSet};

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

/// An event that is not published any more.
#[derive(Debug, Clone)]
pub struct GoneEvent {
    /// What it was called.
    pub name: String,
    /// Who published it, by the names of now.
    pub writers: Vec<String>,
    /// Who took it.
    pub before: Vec<Reader>,
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

/// What was before: the last of the older versions, which says who takes what. An older one says what its schemas were, and no more.
pub(super) struct Latest<'s, 'm> {
    sides: &'s Sides<'m>,
    before: Takers,
    pub(super) now: Takers,
    /// What the events of now were.
    was: BTreeMap<EventId, EventId>,
    pub(super) pairs: Pairs<EventId>,
}

impl<'s, 'm> Latest<'s, 'm> {
    pub(super) fn of(sides: &'s Sides<'m>) -> Self {
        let pairs = pairs(sides.old, sides.new);
        Self {
            sides,
            before: Takers::of(sides.old, false),
            now: Takers::of(sides.new, true),
            was: pairs.kept.iter().map(|(old, new)| (*new, *old)).collect(),
            pairs,
        }
    }

    /// What became of the events that are still there.
    pub(super) fn changes(&self) -> Vec<EventChange> {
        let mut changes = Vec::new();
        for (old, new) in &self.pairs.kept {
            let pair = self.pair(self.sides, *old, *new);
            changes.extend(pair.renamed());
            pair.versions(&mut changes);
        }
        changes
    }

    /// Which events are not published any more.
    pub(super) fn gone(&self) -> Vec<GoneEvent> {
        let gone = self.pairs.gone.iter().map(|id| {
            let event = &self.sides.old.events[*id];
            let writers = writers(self.sides.old, event);
            GoneEvent {
                name: event.name.to_string(),
                writers: writers
                    .iter()
                    .map(|name| self.sides.name_now(name))
                    .collect(),
                before: self.before.all(*id),
            }
        });
        gone.collect()
    }

    /// What became of schemas since a version before the last.
    pub(super) fn schemas(&self, since: &Sides<'_>) -> Vec<EventChange> {
        let mut changes = Vec::new();
        for (old, new) in pairs(since.old, since.new).kept {
            self.pair(since, old, new).versions(&mut changes);
        }
        changes.retain(|change| matches!(change.kind, EventChangeKind::Schema { .. }));
        changes
    }

    fn pair<'p, 'o>(&'p self, sides: &'p Sides<'o>, old: EventId, new: EventId) -> Pair<'p, 'o> {
        Pair {
            latest: self,
            sides,
            old,
            new,
        }
    }

    /// Who took a version of an event of now.
    fn took(&self, event: EventId, number: u32) -> Vec<Reader> {
        let Some(was) = self.was.get(&event) else {
            return Vec::new();
        };
        let mut versions = self.sides.old.events[*was].versions.iter();
        let version = versions.position(|version| version.number == number);
        version.map_or_else(Vec::new, |at| self.before.version(*was, at))
    }
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

/// An event in an older version and now.
struct Pair<'s, 'm> {
    latest: &'s Latest<'s, 's>,
    sides: &'s Sides<'m>,
    old: EventId,
    new: EventId,
}

impl Pair<'_, '_> {
    fn renamed(&self) -> Option<EventChange> {
        let old = &self.sides.old.events[self.old];
        let new = &self.sides.new.events[self.new];
        let was = old.name.to_string();
        (old.name.kebab() != new.name.kebab()).then(|| {
            let before = self.latest.before.all(self.old);
            self.change(EventChangeKind::Renamed { was }, before, Vec::new())
        })
    }

    fn versions(&self, changes: &mut Vec<EventChange>) {
        let old = &self.sides.old.events[self.old];
        let new = &self.sides.new.events[self.new];
        for version in &old.versions {
            let before = self.latest.took(self.new, version.number);
            let was = version.label.value.clone();
            let now = new
                .versions
                .iter()
                .position(|now| now.number == version.number);
            let Some(index) = now else {
                let kind = EventChangeKind::Gone {
                    was,
                    replaced: replaced(old, new),
                };
                changes.push(self.change(kind, before, Vec::new()));
                continue;
            };
            let differences = differences(
                Schema::of(self.sides.old, &version.schema),
                Schema::of(self.sides.new, &new.versions[index].schema),
            );
            if !differences.is_empty() && version.has_schema && new.versions[index].has_schema {
                let now = self.latest.now.version(self.new, index);
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
        let before = self.latest.was.get(&self.new);
        let across = before.is_some_and(|was| crosses(self.latest.sides.old, *was))
            || crosses(self.sides.new, self.new);
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
