//! The routes of the gateway: what whoever asks from outside may still ask.

use std::collections::BTreeMap;

use super::{Area, Change, Kind, Sides};
use crate::graph::evolution::Concerned;
use crate::model::Model;
use crate::model::endpoint::Method;
use crate::model::gateway::Route;
use crate::model::pattern::Pattern;

pub(super) fn of(sides: &Sides<'_>) -> Vec<Change> {
    let (before, now) = (routes(sides.old), routes(sides.new));
    let mut changes = Vec::new();
    let mut paths: BTreeMap<&str, Vec<&Route>> = BTreeMap::new();
    for route in before {
        paths.entry(&route.path.value).or_default().push(route);
    }
    for route in now {
        let path = route.path.value.as_str();
        let known = paths.get(path).map_or(&[][..], Vec::as_slice);
        match known
            .iter()
            .find(|was| was.methods == route.methods)
            .or(known.first())
        {
            Some(was) => kept(sides, was, route, &mut changes),
            None => changes.push(Change::new(
                Area::Routes,
                Kind::Added,
                path,
                leads(sides.new, route),
            )),
        }
    }
    let open: Vec<(Pattern, &Route)> = now
        .iter()
        .map(|route| (Pattern::outside(route), route))
        .collect();
    for was in before {
        lost(was, &open, &mut changes);
    }
    changes
}

fn routes(model: &Model) -> &[Route] {
    model
        .gateway
        .as_ref()
        .map_or(&[], |gateway| &gateway.routes)
}

fn leads(model: &Model, route: &Route) -> String {
    match route.service {
        Some(service) => format!("leads to {}", model.services[service].name),
        None => "leads nowhere".to_owned(),
    }
}

fn outside(route: &Route) -> Vec<Concerned> {
    vec![Concerned::outside(format!(
        "whoever asks {}",
        route.path.value
    ))]
}

/// What changed on a route of the same path.
fn kept(sides: &Sides<'_>, was: &Route, is: &Route, changes: &mut Vec<Change>) {
    let mut note = |what: String, breaks: bool| {
        let hurts = if breaks { outside(was) } else { Vec::new() };
        changes.push(
            Change::new(Area::Routes, Kind::Changed, is.path.value.as_str(), what)
                .hurting(hurts)
                .advised("tell those who ask, and let both hold until they have changed"),
        );
    };
    let before = was.service.map(|service| {
        let now = sides.services.now(service);
        now.map_or(&sides.old.services[service].name, |now| {
            &sides.new.services[now].name
        })
    });
    if before != is.service.map(|service| &sides.new.services[service].name) {
        let before = before.map_or("nowhere", |before| before.as_str());
        note(format!("{}, led to {before}", leads(sides.new, is)), false);
    }
    if was.public && !is.public {
        note("needs a token now".to_owned(), true);
    } else if !was.public && is.public {
        note("needs no token any more".to_owned(), false);
    }
    let (before, now) = (was.scope.as_ref(), is.scope.as_ref());
    match (before, now) {
        (before, Some(now)) if before.map(|scope| &scope.value) != Some(&now.value) => {
            note(format!("needs the scope {now} now"), true);
        }
        (Some(before), None) => note(format!("needs the scope {before} no more"), false),
        _ => {}
    }
    let added: Vec<&str> = is
        .methods
        .iter()
        .filter(|method| !was.methods.contains(method))
        .map(|method| method.as_str())
        .collect();
    if !added.is_empty() {
        note(format!("takes {} too", added.join(", ")), false);
    }
}

/// Methods of a route that no route takes any more.
fn lost(was: &Route, open: &[(Pattern, &Route)], changes: &mut Vec<Change>) {
    let pattern = Pattern::outside(was);
    let wide = open.iter().filter(|(wide, _)| wide.covers(&pattern));
    let taken: Vec<Method> = wide
        .flat_map(|(_, route)| route.methods.iter().copied())
        .collect();
    let lost: Vec<&str> = was
        .methods
        .iter()
        .filter(|method| !taken.contains(method))
        .map(|method| method.as_str())
        .collect();
    if lost.is_empty() {
        changes.extend(taken_over(was, open));
        return;
    }
    let (kind, what) = if lost.len() == was.methods.len() {
        (Kind::Removed, "is gone".to_owned())
    } else {
        (Kind::Changed, format!("takes {} no more", lost.join(", ")))
    };
    changes.push(
        Change::new(Area::Routes, kind, was.path.value.as_str(), what)
            .hurting(outside(was))
            .advised("keep the route until nobody asks it any more"),
    );
}

/// A route that is gone, or takes less, where others take all that it took.
fn taken_over(was: &Route, open: &[(Pattern, &Route)]) -> Option<Change> {
    let path = was.path.value.as_str();
    let same = open.iter().filter(|(_, route)| route.path.value == path);
    let left: Vec<Method> = same
        .flat_map(|(_, route)| route.methods.iter().copied())
        .collect();
    let (kind, what) = match was.methods.iter().all(|method| left.contains(method)) {
        true => return None,
        false if left.is_empty() => (Kind::Removed, "is gone; a wider route takes over"),
        false => (Kind::Changed, "takes less; a wider route takes the rest"),
    };
    Some(Change::new(Area::Routes, kind, path, what))
}
