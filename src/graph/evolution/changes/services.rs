//! Services that came, went, or have another name or team.

use super::{Area, Change, Kind, Sides};
use crate::graph::evolution::Concerned;
use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::service::Party;

pub(super) fn of(sides: &Sides<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for id in &sides.services.added {
        let name = sides.new.services[*id].name.as_str();
        changes.push(Change::new(Area::Services, Kind::Added, name, "is new"));
    }
    for (old, new) in &sides.services.kept {
        changes.extend(kept(sides, *old, *new));
    }
    for id in &sides.services.gone {
        let name = sides.old.services[*id].name.as_str();
        // Who still needs it is told with its operations and events.
        changes.push(Change::new(Area::Services, Kind::Removed, name, "is gone"));
    }
    changes
}

fn kept(sides: &Sides<'_>, old: ServiceId, new: ServiceId) -> Vec<Change> {
    let (was, is) = (&sides.old.services[old], &sides.new.services[new]);
    let mut changes = Vec::new();
    let mut changed = |what: String, hurts| {
        let change = Change::new(Area::Services, Kind::Changed, is.name.as_str(), what);
        changes.push(change.hurting(hurts).advised(format!(
            "run it under both names until everybody calls {}",
            is.name
        )));
    };
    if was.name.kebab() != is.name.kebab() {
        changed(format!("was called {}", was.name), callers(sides.old, old));
    }
    let team = |name: &Option<crate::syntax::source::Spanned<String>>| {
        name.as_ref()
            .map_or_else(|| "nobody".to_owned(), |name| name.value.clone())
    };
    let (before, now) = (team(&was.team_name), team(&is.team_name));
    if before != now {
        changed(
            format!("belongs to {now}, belonged to {before}"),
            Vec::new(),
        );
    }
    changes
}

/// Who called a service.
fn callers(model: &Model, service: ServiceId) -> Vec<Concerned> {
    let calls = model
        .calls
        .iter()
        .filter(|call| call.to == Party::Service(service));
    let mut callers: Vec<ServiceId> = calls.map(|call| call.from).collect();
    callers.sort_unstable();
    callers.dedup();
    callers
        .into_iter()
        .map(|caller| Concerned::service(model, caller))
        .collect()
}
