//! Everything that changed between two versions of an architecture, in words: for people who review it, and for those who deploy it.

mod data;
mod declared;
mod edges;
mod events;
mod operations;
mod order;
mod routes;
mod sagas;
mod services;
mod told;

pub use order::{Rollout, rollout};

use super::{Concerned, Older, Sides};

/// What a change is about, in the order in which changes are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Services and their teams.
    Services,
    /// Owned data.
    Data,
    /// Public operations.
    Operations,
    /// Synchronous calls.
    Calls,
    /// Events and who takes them.
    Events,
    /// Sagas.
    Sagas,
    /// Routes of the gateway.
    Routes,
    /// Whatever else the file says.
    Declarations,
}

impl Area {
    /// Its name in lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::Data => "data",
            Self::Operations => "operations",
            Self::Calls => "calls",
            Self::Events => "events",
            Self::Sagas => "sagas",
            Self::Routes => "routes",
            Self::Declarations => "declarations",
        }
    }
}

/// How something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It is another.
    Changed,
}

impl Kind {
    /// Its name in lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is about.
    pub area: Area,
    /// How it changed.
    pub kind: Kind,
    /// What changed: `order-service.place_order`.
    pub subject: String,
    /// In which way, as the end of a sentence that begins with the subject.
    pub what: String,
    /// Whom it breaks; nobody where it breaks nothing.
    pub hurts: Vec<Concerned>,
    /// Who is deployed before whom.
    pub order: Option<Order>,
    /// What to do instead, or besides.
    pub advice: Option<String>,
}

/// Who is deployed before whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Services to begin with.
    pub first: Vec<String>,
    /// Services that come after all of these.
    pub then: Vec<String>,
}

impl Order {
    /// An order between different services; none where one side is empty.
    fn new(first: Vec<String>, then: Vec<String>) -> Option<Self> {
        let then: Vec<String> = then
            .into_iter()
            .filter(|service| !first.contains(service))
            .collect();
        (!first.is_empty() && !then.is_empty()).then_some(Self { first, then })
    }
}

impl Change {
    fn new(area: Area, kind: Kind, subject: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            area,
            kind,
            subject: subject.into(),
            what: what.into(),
            hurts: Vec::new(),
            order: None,
            advice: None,
        }
    }

    fn hurting(mut self, hurts: Vec<Concerned>) -> Self {
        self.hurts = hurts;
        self
    }

    fn ordered(mut self, order: Option<Order>) -> Self {
        self.order = order;
        self
    }

    /// Says what to do about it, where it breaks anything.
    fn advised(mut self, advice: impl Into<String>) -> Self {
        if self.breaks() {
            self.advice = Some(advice.into());
        }
        self
    }

    /// Whether somebody is hurt.
    #[must_use]
    pub fn breaks(&self) -> bool {
        !self.hurts.is_empty()
    }
}

/// Everything that changed since an older version, by area and in the order of the new file; what is gone comes last.
#[must_use]
pub fn changes(old: &Older, new: &Older) -> Vec<Change> {
    let sides = Sides::new(&old.model, &new.model);
    let mut found = services::of(&sides);
    found.extend(data::of(&sides));
    found.extend(operations::of(&sides));
    found.extend(edges::of(&sides));
    found.extend(events::of(&sides));
    found.extend(sagas::of(&sides));
    found.extend(routes::of(&sides));
    found.extend(declared::of(
        &sides,
        old.document.as_ref(),
        new.document.as_ref(),
    ));
    found.sort_by_key(|change| change.area);
    found
}
