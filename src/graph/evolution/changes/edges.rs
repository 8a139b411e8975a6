//! Calls that came and went. Who is deployed first is told with the operations that are new or gone.

use std::collections::BTreeMap;

use super::{Area, Change, Kind, Sides};
use crate::model::Model;
use crate::model::name::Name;
use crate::model::service::Party;

/// Who calls whom, by the names of now.
type Edges<'m> = BTreeMap<(&'m str, &'m str), (&'m Name, &'m Name)>;

pub(super) fn of(sides: &Sides<'_>) -> Vec<Change> {
    let now = edges(sides.new, |party| sides.new.name_of(party));
    let before = edges(sides.old, |party| match party {
        Party::Service(old) => match sides.services.now(old) {
            Some(new) => &sides.new.services[new].name,
            None => sides.old.name_of(party),
        },
        Party::External(_) => sides.old.name_of(party),
    });
    let only = |mine: &Edges<'_>, other: &Edges<'_>, kind: Kind, what: &str| -> Vec<Change> {
        let only = mine.iter().filter(|(pair, _)| !other.contains_key(*pair));
        only.map(|(_, (from, to))| {
            Change::new(Area::Calls, kind, from.as_str(), format!("{what} {to}"))
        })
        .collect()
    };
    let mut changes = only(&now, &before, Kind::Added, "calls");
    changes.extend(only(&before, &now, Kind::Removed, "no longer calls"));
    changes
}

fn edges<'m>(model: &'m Model, name: impl Fn(Party) -> &'m Name) -> Edges<'m> {
    model
        .calls
        .iter()
        .map(|call| {
            let (from, to) = (name(Party::Service(call.from)), name(call.to));
            ((from.snake(), to.snake()), (from, to))
        })
        .collect()
}
