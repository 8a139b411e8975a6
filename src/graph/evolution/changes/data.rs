//! Owned data that came, went, changed its form, or changed hands.

use std::collections::{BTreeMap, BTreeSet};

use super::{Area, Change, Kind, Sides};
use crate::graph::evolution::Concerned;
use crate::graph::evolution::pairs::Pairs;
use crate::graph::evolution::schema::{Schema, differences};
use crate::model::Model;
use crate::model::arena::{EntityId, ServiceId};
use crate::model::name::Name;
use crate::model::service::Entity;

pub(super) fn of(sides: &Sides<'_>) -> Vec<Change> {
    let (mut changes, mut gone) = (Vec::new(), Vec::new());
    let mut added: Vec<EntityId> = Vec::new();
    for (old, new) in &sides.services.kept {
        let pairs = pairs(sides, *old, *new);
        for (was, is) in &pairs.kept {
            kept(sides, *was, *is, &mut changes);
        }
        gone.extend(pairs.gone);
        added.extend(pairs.added);
    }
    for id in &sides.services.added {
        added.extend(&sides.new.services[*id].entities);
    }
    for id in &sides.services.gone {
        gone.extend(&sides.old.services[*id].entities);
    }
    let mut moved: BTreeMap<&str, EntityId> = gone
        .iter()
        .map(|id| &sides.old.entities[*id])
        .zip(&gone)
        .filter(|(entity, _)| !entity.projection)
        .map(|(entity, id)| (entity.name.snake(), *id))
        .collect();
    let mut handed = BTreeSet::new();
    for id in added {
        let entity = &sides.new.entities[id];
        let source = match entity.projection {
            true => None,
            false => moved.remove(entity.name.snake()),
        };
        match source {
            Some(old) => {
                handed.insert(old);
                changes.push(handed_over(sides, old, entity));
            }
            None => changes.push(Change::new(
                Area::Data,
                Kind::Added,
                subject(sides.new, entity),
                "is new",
            )),
        }
    }
    let gone = gone.iter().filter(|id| !handed.contains(id));
    changes.extend(gone.map(|id| {
        let subject = subject(sides.old, &sides.old.entities[*id]);
        Change::new(Area::Data, Kind::Removed, subject, "is gone")
    }));
    changes
}

fn subject(model: &Model, entity: &Entity) -> String {
    format!("{}.{}", model.services[entity.service].name, entity.name)
}

pub(super) fn pairs(sides: &Sides<'_>, old: ServiceId, new: ServiceId) -> Pairs<EntityId> {
    let before = sides.old.services[old].entities.iter();
    let now = sides.new.services[new].entities.iter();
    Pairs::of(
        before.map(|id| (*id, &sides.old.entities[*id].name)),
        now.map(|id| {
            let entity = &sides.new.entities[*id];
            (*id, &entity.name, entity.renamed_from.as_ref())
        }),
    )
}

fn kept(sides: &Sides<'_>, old: EntityId, new: EntityId, changes: &mut Vec<Change>) {
    let (was, is) = (&sides.old.entities[old], &sides.new.entities[new]);
    let mut changed = |what: String| {
        let subject = subject(sides.new, is);
        changes.push(Change::new(Area::Data, Kind::Changed, subject, what));
    };
    if was.name != is.name {
        changed(format!("was called {}", was.name));
    }
    match (&was.fields, &is.fields) {
        (Some(was), Some(is)) => {
            let (was, is) = (Schema::of(sides.old, was), Schema::of(sides.new, is));
            for difference in differences(was, is) {
                changed(format!("has other fields: {}", difference.phrase()));
            }
        }
        (None, Some(_)) => changed("has declared fields now".to_owned()),
        (Some(_), None) => changed("has no declared fields any more".to_owned()),
        (None, None) => {}
    }
}

/// Data that another service owns now.
fn handed_over(sides: &Sides<'_>, old: EntityId, now: &Entity) -> Change {
    let was = &sides.old.entities[old];
    let mut hurts = vec![Concerned::service(sides.old, was.service)];
    for service in touching(sides.old, was) {
        let who = Concerned::service(sides.old, service);
        if !hurts.contains(&who) {
            hurts.push(who);
        }
    }
    let (from, to) = (
        &sides.old.services[was.service].name,
        &sides.new.services[now.service].name,
    );
    let what = format!("is owned by {to}, was owned by {from}");
    Change::new(Area::Data, Kind::Changed, now.name.as_str(), what)
        .hurting(hurts)
        .advised(format!(
            "deploy {to} and copy the records first; remove them from {from} when nobody reads them there"
        ))
}

/// Services that the file let touch the table of some data.
fn touching(model: &Model, entity: &Entity) -> Vec<ServiceId> {
    let touches = |service: &ServiceId| {
        model.services[*service].access.iter().any(|access| {
            access.service.is_none_or(|owner| owner == entity.service)
                && Name::snake_of(&access.table) == entity.name.snake()
        })
    };
    model
        .services
        .ids()
        .filter(|service| *service != entity.service)
        .filter(touches)
        .collect()
}
