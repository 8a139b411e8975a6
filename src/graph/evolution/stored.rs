//! What became of the events that aggregates keep for themselves. A stream is read again from its first event on, so that nothing which
//! was stored may ever become unreadable; those that are published as well are compared as what others take.

use super::schema::{Change, Difference, Schema, Verdict, differences};
use super::{Concerned, Sides};
use crate::model::arena::AggregateId;
use crate::model::event::{Aggregate, AggregateEvent};

/// What became of an event that an aggregate keeps for itself.
#[derive(Debug, Clone)]
pub struct StoredChange {
    /// The aggregate as it is now.
    pub aggregate: AggregateId,
    /// What became of the event.
    pub kind: StoredChangeKind,
    /// Who reads what was stored.
    pub reader: Concerned,
}

/// What became of an event that an aggregate keeps for itself.
#[derive(Debug, Clone)]
pub enum StoredChangeKind {
    /// It has another schema.
    Schema {
        /// Its place among the aggregate's events of now.
        event: usize,
        /// What differs.
        differences: Vec<Difference>,
    },
    /// The aggregate does not apply it any more.
    Gone {
        /// What it was called.
        was: String,
    },
}

impl StoredChange {
    /// Whether what is stored can no longer be read because of a difference.
    #[must_use]
    pub fn breaks(difference: &Difference) -> bool {
        difference.backward == Verdict::Breaks
    }

    /// The differences for which what is stored can no longer be read.
    pub fn breaking(&self) -> impl Iterator<Item = &Difference> {
        let differences = match &self.kind {
            StoredChangeKind::Schema { differences, .. } => differences.as_slice(),
            StoredChangeKind::Gone { .. } => &[],
        };
        differences
            .iter()
            .filter(|difference| Self::breaks(difference))
    }
}

/// What to do instead of a change that what is stored cannot be read after.
pub(crate) fn instead(event: &str, difference: &Difference) -> String {
    let another = format!(
        "leave {event} as it was and raise an event of another name from now on; keep both among the aggregate's events"
    );
    match difference.kind {
        Change::RequiredAdded | Change::MadeRequired => {
            format!("make it optional with a `?`, or {another}")
        }
        _ => another,
    }
}

/// What became of the stored events of two versions.
pub(in crate::graph) fn of(sides: &Sides<'_>) -> Vec<StoredChange> {
    let mut changes = Vec::new();
    for (id, new) in sides.new.aggregates.entries() {
        let mut known = sides.old.aggregates.iter();
        let old = known.find(|old| {
            sides.services.now(old.service) == Some(new.service)
                && old.name.snake() == new.name.snake()
        });
        let change = |kind| StoredChange {
            aggregate: id,
            kind,
            reader: Concerned {
                who: format!("aggregate {}", new.name),
                ..Concerned::service(sides.new, new.service)
            },
        };
        if let Some(old) = old {
            changes.extend(between(sides, old, new).into_iter().map(change));
        }
    }
    changes
}

fn between(sides: &Sides<'_>, old: &Aggregate, new: &Aggregate) -> Vec<StoredChangeKind> {
    let mut changes = Vec::new();
    for was in &old.events {
        let mut events = new.events.iter().enumerate();
        let Some((event, is)) = events.find(|(_, is)| is.name.snake() == was.name.snake()) else {
            changes.push(StoredChangeKind::Gone {
                was: was.name.to_string(),
            });
            continue;
        };
        if was.published.is_some() && is.published.is_some() || !told(was) || !told(is) {
            continue;
        }
        let differences = differences(
            Schema::of(sides.old, &was.schema),
            Schema::of(sides.new, &is.schema),
        );
        if !differences.is_empty() {
            changes.push(StoredChangeKind::Schema { event, differences });
        }
    }
    changes
}

/// Whether it is known what the event holds.
fn told(event: &AggregateEvent) -> bool {
    !event.undeclared
}
