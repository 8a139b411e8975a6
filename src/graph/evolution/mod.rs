//! What became of an architecture since an older version of it: which events can still be read, and what else changed, whom it hurts and
//! in which order to deploy it.
//!
//! Facts about the old version are kept in words: its places are in a file that is not here any more.

pub mod changes;
pub mod events;
mod pairs;
pub mod schema;
pub mod stored;
mod takers;

use std::collections::BTreeMap;

use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::syntax::document::Document;
use events::{EventChange, GoneEvent, Latest};
use pairs::Pairs;
use stored::StoredChange;
pub use takers::Reader;

/// An older version of the architecture.
#[derive(Debug, Clone)]
pub struct Older {
    /// What the user calls it: `git:main`, `shop-1.yaml`.
    pub name: String,
    /// What it meant.
    pub model: Model,
    /// What it said, where that is asked for; nothing where there was no file yet.
    pub document: Option<Document>,
}

/// What became of the architecture since some older versions, in the order in which the user names them. The last one is what was before,
/// and alone says who takes what; of those before it, schemas count, which what is published or stored since then was written by.
#[derive(Debug, Clone, Default)]
pub struct Evolution {
    /// Since each of them.
    pub since: Vec<Since>,
}

/// What became of the architecture since one older version.
#[derive(Debug, Clone)]
pub struct Since {
    /// What the user calls it.
    pub name: String,
    /// What became of its events; of their schemas alone, where it is not the last version.
    pub events: Vec<EventChange>,
    /// Events that are not published any more; none where it is not the last version.
    pub gone: Vec<GoneEvent>,
    /// What became of the events that its aggregates keep for themselves.
    pub stored: Vec<StoredChange>,
}

impl Evolution {
    /// What became of events since some older versions.
    #[must_use]
    pub fn of(model: &Model, older: &[Older]) -> Self {
        let Some((last, before)) = older.split_last() else {
            return Self::default();
        };
        let sides = Sides::new(&last.model, model);
        let latest = Latest::of(&sides);
        let since = |older: &Older| {
            let sides = Sides::new(&older.model, model);
            Since {
                name: older.name.clone(),
                events: latest.schemas(&sides),
                gone: Vec::new(),
                stored: stored::of(&sides),
            }
        };
        let mut since: Vec<Since> = before.iter().map(since).collect();
        since.push(Since {
            name: last.name.clone(),
            events: latest.changes(),
            gone: latest.gone(),
            stored: stored::of(&sides),
        });
        Self { since }
    }
}

/// Who is concerned by a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concerned {
    /// A service, a saga, or who uses a route.
    pub who: String,
    /// Its team, where the file names one.
    pub team: Option<String>,
}

impl Concerned {
    /// Somebody of whom no team is known.
    pub(crate) fn outside(who: impl Into<String>) -> Self {
        Self {
            who: who.into(),
            team: None,
        }
    }

    fn service(model: &Model, id: ServiceId) -> Self {
        let service = &model.services[id];
        Self {
            who: service.name.to_string(),
            team: service.team_name.as_ref().map(|team| team.value.clone()),
        }
    }
}

impl std::fmt::Display for Concerned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.team {
            Some(team) => write!(f, "{} ({team})", self.who),
            None => f.write_str(&self.who),
        }
    }
}

/// Two versions of an architecture, and which services are the same in both.
pub(crate) struct Sides<'m> {
    old: &'m Model,
    new: &'m Model,
    services: Pairs<ServiceId>,
    renamed: BTreeMap<&'m str, &'m str>,
}

impl<'m> Sides<'m> {
    pub(crate) fn new(old: &'m Model, new: &'m Model) -> Self {
        let services = Pairs::of(
            old.services.entries().map(|(id, old)| (id, &old.name)),
            new.services
                .entries()
                .map(|(id, new)| (id, &new.name, new.renamed_from.as_ref())),
        );
        let names = services.kept.iter().map(|(was, is)| {
            let (was, is) = (&old.services[*was].name, &new.services[*is].name);
            (was.as_str(), is.as_str())
        });
        Self {
            old,
            new,
            renamed: names.filter(|(was, is)| was != is).collect(),
            services,
        }
    }

    /// What a service of before is called now; any other name as it is.
    fn name_now(&self, name: &str) -> String {
        self.renamed.get(name).map_or(name, |now| *now).to_owned()
    }
}
