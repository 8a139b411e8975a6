//! Owned data and messages while declarations are acted out: references are read, effects done, events published, all as JSON.
//!
//! What only the running service knows (a new id, the moment) has a name that begins with `$`; what the declarations leave open
//! is not mentioned.
//!
//! | room | does |
//! |---|---|
//! | `sight` | what a reference may start at, and the values that come of it |
//! | `records` | owned data: given, created, changed, shown |
//! | `effects` | what declared effects do to it |
//! | `events` | what is emitted |
//! | `aggregates` | what commands do to aggregates |

mod aggregates;
mod effects;
mod events;
mod records;
mod sight;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

pub(super) use aggregates::{Given, input, lives, possible};
pub(super) use sight::{Sight, member};

use crate::model::Model;
use crate::model::arena::EntityId;
use crate::model::name::Name;

/// Why something is not acted out: a test says so instead.
pub(super) type Unfit = String;

/// An event that was published.
#[derive(Debug, Clone)]
pub(super) struct Published {
    pub(super) event: String,
    pub(super) version: u32,
    pub(super) payload: Json,
}

/// A refusal: a floor was reached.
#[derive(Debug)]
pub(super) enum Stop {
    Refused,
    Unfit(Unfit),
}

impl From<Unfit> for Stop {
    fn from(reason: Unfit) -> Self {
        Self::Unfit(reason)
    }
}

/// The data of a service.
#[derive(Debug, Clone)]
pub(super) struct World<'m> {
    pub(super) model: &'m Model,
    /// The records that are there now.
    pub(super) records: BTreeMap<EntityId, Vec<Map<String, Json>>>,
    /// The records that must be there at the beginning, with those that nothing may happen to.
    pub(super) given: Vec<(EntityId, Map<String, Json>)>,
    /// The commands that led aggregates to where the test begins.
    pub(super) led: Vec<Given>,
    pub(super) published: Vec<Published>,
    /// What the moment is written as.
    pub(super) now: Json,
    /// Whether adjusted numbers are given just so that a floor is reached.
    pub(super) scarce: bool,
    /// Whether a value was to be written that breaks a limit.
    pub(super) beyond: bool,
    pub(super) samples: u64,
    pub(super) fresh: u32,
}

/// The name of an entity's column for a field.
pub(super) fn column(name: &Name) -> String {
    name.identifier().trim_start_matches("r#").to_owned()
}

impl<'m> World<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        Self {
            model,
            records: BTreeMap::new(),
            given: Vec::new(),
            led: Vec::new(),
            published: Vec::new(),
            now: json!("$now"),
            scarce: false,
            beyond: false,
            samples: 100,
            fresh: 0,
        }
    }

    /// A name for what only the running service knows.
    fn fresh(&mut self, what: &str) -> Json {
        self.fresh += 1;
        if self.fresh == 1 {
            json!(format!("${what}"))
        } else {
            json!(format!("${what}{}", self.fresh))
        }
    }
}
