//! Sagas: steps that came, went or moved while instances of the old definition are under way.

use super::{Area, Change, Kind, Sides};
use crate::graph::evolution::Concerned;
use crate::graph::evolution::pairs::Pairs;
use crate::model::Model;
use crate::model::name::Name;
use crate::model::saga::{Saga, Step};

pub(super) fn of(sides: &Sides<'_>) -> Vec<Change> {
    let pairs = Pairs::of(
        sides.old.sagas.entries().map(|(id, saga)| (id, &saga.name)),
        sides
            .new
            .sagas
            .entries()
            .map(|(id, saga)| (id, &saga.name, None)),
    );
    let mut changes: Vec<Change> = pairs
        .added
        .iter()
        .map(|id| {
            Change::new(
                Area::Sagas,
                Kind::Added,
                sides.new.sagas[*id].name.as_str(),
                "is new",
            )
        })
        .collect();
    for (old, new) in &pairs.kept {
        let (was, is) = (&sides.old.sagas[*old], &sides.new.sagas[*new]);
        Pair { sides, was, is }.changes(&mut changes);
    }
    for id in &pairs.gone {
        let saga = &sides.old.sagas[*id];
        changes.push(
            Change::new(Area::Sagas, Kind::Removed, saga.name.as_str(), "is gone")
                .hurting(concerned(
                    sides.old,
                    saga,
                    &saga.steps.iter().collect::<Vec<_>>(),
                ))
                .advised("stop what starts it first, and remove it when no instance is under way"),
        );
    }
    changes
}

/// A saga before and now.
struct Pair<'s, 'm> {
    sides: &'s Sides<'m>,
    was: &'m Saga,
    is: &'m Saga,
}

impl<'m> Pair<'_, 'm> {
    fn changes(&self, changes: &mut Vec<Change>) {
        let (was, is) = (self.was, self.is);
        let before: Vec<(Name, &Step)> = was
            .steps
            .iter()
            .map(|step| (self.before(step), step))
            .collect();
        let now: Vec<(Name, &Step)> = is.steps.iter().map(|step| (key(step), step)).collect();
        let only = |mine: &[(Name, &'m Step)], other: &[(Name, &'m Step)]| -> Vec<&'m Step> {
            let known: std::collections::BTreeSet<&Name> =
                other.iter().map(|(key, _)| key).collect();
            let only = mine.iter().filter(|(key, _)| !known.contains(key));
            only.map(|(_, step)| *step).collect()
        };
        let (gone, added) = (only(&before, &now), only(&now, &before));
        for step in &added {
            let what = format!("has the new step {}", spelt(step));
            changes.push(Change::new(
                Area::Sagas,
                Kind::Changed,
                is.name.as_str(),
                what,
            ));
        }
        for step in &gone {
            changes.push(self.broken(format!("no longer has the step {}", spelt(step)), &[step]));
        }
        let common = |steps: &[(Name, &Step)], without: &[&Step]| -> Vec<String> {
            let kept = steps
                .iter()
                .filter(|(_, step)| !without.iter().any(|gone| std::ptr::eq(*gone, *step)));
            kept.map(|(_, step)| step.action.to_string()).collect()
        };
        let (order, then) = (common(&now, &added), common(&before, &gone));
        if order != then {
            let what = format!("does {}, did {}", order.join(" -> "), then.join(" -> "));
            let moved: Vec<&Step> = was.steps.iter().collect();
            changes.push(self.broken(what, &moved));
        }
        if was.version != is.version {
            let what = format!("is version {}, was {}", is.version, was.version);
            let change = Change::new(Area::Sagas, Kind::Changed, is.name.as_str(), what);
            changes.push(change.advised(format!(
                "let what is under way end before it is deployed: what has not ended stands still until version {} runs again",
                was.version
            )));
        }
    }

    /// A change that instances under way do not survive, unless the definition has another version.
    fn broken(&self, what: String, steps: &[&Step]) -> Change {
        let hurts = if self.is.version == self.was.version {
            concerned(self.sides.old, self.was, steps)
        } else {
            Vec::new()
        };
        Change::new(Area::Sagas, Kind::Changed, self.is.name.as_str(), what)
            .hurting(hurts)
            .advised(format!(
                "let what is under way end before it is deployed, and write `version: {}`: what has not ended stands still until the version before runs again",
                self.was.version.saturating_add(1)
            ))
    }

    /// A step of before by the name that its service has now.
    fn before(&self, step: &Step) -> Name {
        let service = step
            .service
            .and_then(|service| self.sides.services.now(service));
        match service {
            Some(service) => named(self.sides.new.services[service].name.as_str(), step),
            None => key(step),
        }
    }
}

fn key(step: &Step) -> Name {
    named(&step.service_name.value, step)
}

fn named(service: &str, step: &Step) -> Name {
    Name::new(format!("{service}.{}", step.action), step.span)
}

fn spelt(step: &Step) -> String {
    format!("{}.{}", step.service_name.value, step.action)
}

/// Who drives a saga, and who does some of its steps.
fn concerned(model: &Model, saga: &Saga, steps: &[&Step]) -> Vec<Concerned> {
    let doing = steps.iter().filter_map(|step| step.service);
    let mut concerned: Vec<Concerned> = Vec::new();
    for service in saga.coordinator.into_iter().chain(doing) {
        let who = Concerned::service(model, service);
        if !concerned.contains(&who) {
            concerned.push(who);
        }
    }
    if concerned.is_empty() {
        concerned.push(Concerned::outside(format!("instances of {}", saga.name)));
    }
    concerned
}
