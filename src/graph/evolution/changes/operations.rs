//! Public operations: what callers may still send, and what they still get.

use std::collections::{BTreeMap, BTreeSet};

use super::{Area, Change, Kind, Order, Sides};
use crate::graph::evolution::Concerned;
use crate::graph::evolution::pairs::Pairs;
use crate::graph::evolution::schema::{Difference, Presence, Schema, Verdict, differences};
use crate::graph::routes;
use crate::model::Model;
use crate::model::arena::{EndpointId, Id, ServiceId};
use crate::model::endpoint::{Action, Body, Endpoint, IdempotencyKey, Method, Segment};
use crate::model::name::Name;

pub(super) fn of(sides: &Sides<'_>) -> Vec<Change> {
    let before = Callers::of(sides.old);
    let now = Callers::of(sides.new);
    let mut changes = Vec::new();
    for (old, new) in &sides.services.kept {
        let pairs = pairs(sides, *old, *new);
        for id in pairs.added {
            let endpoint = &sides.new.endpoints[id];
            let owner = vec![sides.new.services[*new].name.to_string()];
            let order = Order::new(owner, now.services(sides.new, id));
            changes.push(
                Change::new(
                    Area::Operations,
                    Kind::Added,
                    subject(sides.new, *new, endpoint),
                    format!("{} is new", spelt(endpoint)),
                )
                .ordered(order),
            );
        }
        for (was, is) in pairs.kept {
            let pair = Pair {
                sides,
                was: &sides.old.endpoints[was],
                is: &sides.new.endpoints[is],
                subject: subject(sides.new, *new, &sides.new.endpoints[is]),
                callers: &before.all[was.index()],
            };
            pair.changes(&mut changes);
        }
        for id in pairs.gone {
            changes.push(gone(sides.old, *old, id, &before));
        }
    }
    for service in &sides.services.gone {
        for id in &sides.old.services[*service].endpoints {
            changes.push(gone(sides.old, *service, *id, &before));
        }
    }
    changes
}

fn subject(model: &Model, service: ServiceId, endpoint: &Endpoint) -> String {
    format!("{}.{}", model.services[service].name, endpoint.name)
}

fn spelt(endpoint: &Endpoint) -> String {
    format!("{} {}", endpoint.method.as_str(), endpoint.path.value)
}

fn gone(model: &Model, service: ServiceId, id: EndpointId, callers: &Callers) -> Change {
    let endpoint = &model.endpoints[id];
    let subject = subject(model, service, endpoint);
    let what = format!("{} is gone", spelt(endpoint));
    Change::new(Area::Operations, Kind::Removed, subject, what)
        .hurting(callers.all[id.index()].clone())
        .advised("keep it until nobody calls it any more: callers are deployed first")
}

/// Which operations of a service are the same: those of one method and path, which is all that callers see of them, whatever they are
/// called; and else those of one name.
pub(super) fn pairs(sides: &Sides<'_>, old: ServiceId, new: ServiceId) -> Pairs<EndpointId> {
    let (before, now) = (
        &sides.old.services[old].endpoints,
        &sides.new.services[new].endpoints,
    );
    let mut asked: BTreeMap<(Method, Vec<Option<&str>>), EndpointId> = BTreeMap::new();
    for id in before {
        let was = &sides.old.endpoints[*id];
        asked.entry((was.method, places(was))).or_insert(*id);
    }
    let alike: BTreeMap<EndpointId, EndpointId> = now
        .iter()
        .filter_map(|id| {
            let is = &sides.new.endpoints[*id];
            Some((*id, asked.remove(&(is.method, places(is)))?))
        })
        .collect();
    let taken: BTreeSet<EndpointId> = alike.values().copied().collect();
    let before = before.iter().filter(|id| !taken.contains(id));
    let now = now.iter().filter(|id| !alike.contains_key(id));
    let named = Pairs::of(
        before.map(|id| (*id, &sides.old.endpoints[*id].name)),
        now.map(|id| (*id, &sides.new.endpoints[*id].name, None)),
    );
    named.with(alike.into_iter().map(|(new, old)| (old, new)))
}

/// Who calls which operation: services, and whoever comes through the gateway.
struct Callers {
    all: Vec<Vec<Concerned>>,
    services: Vec<BTreeSet<ServiceId>>,
}

impl Callers {
    fn of(model: &Model) -> Self {
        let mut services: Vec<BTreeSet<ServiceId>> = vec![BTreeSet::new(); model.endpoints.len()];
        for call in model.calls.iter() {
            for operation in &call.operations {
                services[operation.index()].insert(call.from);
            }
        }
        let mut all: Vec<Vec<Concerned>> = services
            .iter()
            .map(|callers| {
                let callers = callers.iter();
                callers
                    .map(|caller| Concerned::service(model, *caller))
                    .collect()
            })
            .collect();
        for (at, facts) in routes::of(model).iter().enumerate() {
            let Some(route) = model.route(at) else {
                continue;
            };
            let who = Concerned::outside(format!("whoever asks {}", route.path.value));
            for operation in &facts.operations {
                let callers = &mut all[operation.index()];
                if !callers.contains(&who) {
                    callers.push(who.clone());
                }
            }
        }
        Self { all, services }
    }

    /// The services among them.
    fn services(&self, model: &Model, id: EndpointId) -> Vec<String> {
        let services = self.services[id.index()].iter();
        services
            .map(|service| model.services[*service].name.to_string())
            .collect()
    }
}

/// An operation before and now.
struct Pair<'s, 'm> {
    sides: &'s Sides<'m>,
    was: &'m Endpoint,
    is: &'m Endpoint,
    subject: String,
    callers: &'s [Concerned],
}

impl Pair<'_, '_> {
    fn changes(&self, changes: &mut Vec<Change>) {
        let mut note = |what: String, breaks: bool| changes.push(self.change(what, breaks));
        let (was, is) = (self.was, self.is);
        if was.name.snake() != is.name.snake() {
            note(format!("was called {}", was.name), false);
        }
        if was.method != is.method || places(was) != places(is) {
            note(format!("is {} now, was {}", spelt(is), spelt(was)), true);
        }
        if was.public && !is.public {
            note("needs a token now".to_owned(), true);
        } else if !was.public && is.public {
            note("needs no token any more".to_owned(), false);
        }
        match (&was.scope, &is.scope) {
            (before, Some(now))
                if before.as_ref().map(|scope| &scope.value) != Some(&now.value) =>
            {
                note(format!("needs the scope {now} now"), true);
            }
            (Some(before), None) => note(format!("needs the scope {before} no more"), false),
            _ => {}
        }
        if was.idempotency_key != is.idempotency_key {
            let (what, breaks) = match is.idempotency_key {
                IdempotencyKey::Required => ("asks for an Idempotency-Key now", true),
                IdempotencyKey::Optional => ("takes an Idempotency-Key, if one is sent", false),
                IdempotencyKey::None => ("ignores an Idempotency-Key now", false),
            };
            note(what.to_owned(), breaks);
        }
        let (before, now) = (filters(was), filters(is));
        for filter in now.iter().filter(|filter| !before.contains(filter)) {
            note(format!("takes `{filter}` in its query too"), false);
        }
        for filter in before.iter().filter(|filter| !now.contains(filter)) {
            note(format!("takes no `{filter}` in its query any more"), true);
        }
        self.requests(&mut note);
        self.answers(&mut note);
    }

    fn change(&self, what: String, breaks: bool) -> Change {
        let hurts = if breaks {
            self.callers.to_vec()
        } else {
            Vec::new()
        };
        let advice = "add an operation beside it, deploy it, move the callers, and remove this one when nobody calls it";
        Change::new(Area::Operations, Kind::Changed, self.subject.as_str(), what)
            .hurting(hurts)
            .advised(advice)
    }

    /// What callers of before send has to be read now.
    fn requests(&self, note: &mut impl FnMut(String, bool)) {
        let (old, new) = (self.sides.old, self.sides.new);
        match (body(old, self.was, true), body(new, self.is, true)) {
            (Some(was), Some(is)) => tell("request", was, is, |it| it.backward, note),
            (None, Some(_)) => note("takes a body now".to_owned(), true),
            (Some(_), None) => note("takes no body any more".to_owned(), false),
            (None, None) => {}
        }
    }

    /// What is answered now has to be read by callers of before.
    fn answers(&self, note: &mut impl FnMut(String, bool)) {
        let (old, new) = (self.sides.old, self.sides.new);
        let paged = |body: &Body| matches!(body, Body::Page(_));
        match (body(old, self.was, false), body(new, self.is, false)) {
            (Some(_), Some(_)) if paged(&self.was.response) != paged(&self.is.response) => {
                let what = if paged(&self.is.response) {
                    "a page of records"
                } else {
                    "one record"
                };
                note(format!("answers with {what} now"), true);
            }
            (Some(was), Some(is)) => tell("answer", was, is, |it| it.forward, note),
            (Some(_), None) => note("answers without a body now".to_owned(), true),
            (None, Some(_)) => note("answers with a body now".to_owned(), false),
            (None, None) => {}
        }
    }
}

/// The fields by which a list can be filtered.
fn filters(endpoint: &Endpoint) -> &[Name] {
    match &endpoint.action {
        Action::List { filters, .. } => filters,
        _ => &[],
    }
}

/// Tells what differs, and whether it breaks in the direction that counts.
fn tell(
    part: &str,
    was: Schema<'_>,
    is: Schema<'_>,
    counts: fn(&Difference) -> Verdict,
    note: &mut impl FnMut(String, bool),
) {
    for difference in differences(was, is) {
        let breaks = counts(&difference) == Verdict::Breaks;
        note(
            format!("has another {part}: {}", difference.phrase()),
            breaks,
        );
    }
}

/// A path as it is matched: what its parameters are called does not matter.
fn places(endpoint: &Endpoint) -> Vec<Option<&str>> {
    let segments = endpoint.segments.iter();
    segments
        .map(|segment| match segment {
            Segment::Literal(text) => Some(text.as_str()),
            Segment::Parameter(_) => None,
        })
        .collect()
}

/// What is sent, or what comes back.
fn body<'m>(model: &'m Model, endpoint: &'m Endpoint, sent: bool) -> Option<Schema<'m>> {
    let body = if sent {
        &endpoint.request
    } else {
        &endpoint.response
    };
    let presence = match (body, endpoint.method) {
        (Body::Entity(_), Method::Patch) => Presence::Partial,
        _ => Presence::Sent,
    };
    let read = |fields| {
        if sent {
            Schema::sent(model, fields, presence)
        } else {
            Schema::of(model, fields)
        }
    };
    match body {
        Body::None => None,
        Body::Page(_) if sent => None,
        Body::Entity(id) | Body::Page(id) => Some(
            model.entities[*id]
                .fields
                .as_ref()
                .map_or(Schema::Any, read),
        ),
        Body::Type(ty) => Some(Schema::typed(model, ty)),
        Body::Fields(fields) => Some(read(fields)),
    }
}
