//! Events, their versions, and who receives them.

use super::arena::{AggregateId, ConsumerId, EventId, ServiceId};
use super::effect::{Assignment, Condition, Effect, Emission, Path};
use super::name::Name;
use super::policy::Retry;
use super::service::Party;
use super::types::{Field, Fields};
use crate::syntax::source::{Span, Spanned};

/// An event, all versions together.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its name.
    pub name: Name,
    /// Where it is declared first.
    pub span: Span,
    /// What happened.
    pub description: Option<String>,
    /// Its versions, ascending; at least one.
    pub versions: Vec<EventVersion>,
    /// Who publishes it.
    pub producers: Vec<Spanned<Party>>,
    /// Who receives it.
    pub consumers: Vec<ConsumerId>,
    /// Whether anybody is named as its producer, declared or not.
    pub names_producer: bool,
    /// Whether a producer of its could not be read, or leads nowhere.
    pub lost_producer: bool,
    /// Whether anybody is named as its consumer, declared or not.
    pub names_consumer: bool,
    /// Whether it is produced outside.
    pub external: bool,
    /// Whether it is consumed outside.
    pub public: bool,
    /// Where the file says that it may get lost on its way.
    pub at_most_once: Option<Span>,
    /// The field that orders events of one thing.
    pub key: Option<Name>,
    /// Which changes of its schema are allowed, where the file says so.
    pub compatibility: Option<Compatibility>,
    /// What it was called before.
    pub renamed_from: Option<Name>,
}

/// Which changes of a schema are allowed (the modes of Confluent's schema registry).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compatibility {
    /// New readers read old data: consumers can be deployed first.
    pub backward: bool,
    /// Old readers read new data: producers can be deployed first.
    pub forward: bool,
    /// Against all earlier versions, not the last alone.
    pub transitive: bool,
}

impl Compatibility {
    /// As written in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match (self.backward, self.forward, self.transitive) {
            (true, true, false) => "full",
            (true, true, true) => "full_transitive",
            (false, true, false) => "forward",
            (false, true, true) => "forward_transitive",
            (_, false, false) => "backward",
            (_, false, true) => "backward_transitive",
        }
    }
}

/// One version of an event.
#[derive(Debug, Clone)]
pub struct EventVersion {
    /// Its number, 1 for `v1`.
    pub number: u32,
    /// As written.
    pub label: Spanned<String>,
    /// The payload.
    pub schema: Fields,
    /// Whether the file gives a schema at all.
    pub has_schema: bool,
    /// How a payload of the version before becomes one of this: added fields.
    pub upcast: Vec<Assignment>,
    /// Whether nobody should take it up any more.
    pub deprecated: bool,
}

/// A service's subscription to an event.
#[derive(Debug, Clone)]
pub struct Consumer {
    /// Who receives.
    pub service: ServiceId,
    /// What.
    pub event: EventId,
    /// Where it is declared.
    pub span: Span,
    /// Indices of the versions that it takes, ascending; at least one.
    pub versions: Vec<usize>,
    /// What it does with each of them: declared once, read from the fields that the version has.
    pub reactions: Vec<Reaction>,
    /// The fields that it reads, where it says so.
    pub fields: Option<Vec<Spanned<String>>>,
    /// How often it tries.
    pub retry: Option<Retry>,
    /// What makes a redelivery harmless, where the file says so.
    pub idempotency_key: Option<Spanned<String>>,
}

/// What a consumer does with one version of an event.
#[derive(Debug, Clone)]
pub struct Reaction {
    /// All must hold, or the event is passed over.
    pub when: Vec<Condition>,
    /// What it does to owned data.
    pub effects: Vec<Effect>,
    /// The aggregate command that it runs.
    pub runs: Option<CommandRun>,
    /// Events that it publishes in turn.
    pub emits: Vec<Emission>,
}

impl Reaction {
    /// All that it reads.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let conditions = self.when.iter().map(|condition| &condition.path);
        let effects = self.effects.iter().flat_map(Effect::paths);
        let runs = self.runs.iter().flat_map(CommandRun::paths);
        let emits = self.emits.iter().flat_map(Emission::paths);
        conditions.chain(effects).chain(runs).chain(emits)
    }
}

impl Consumer {
    /// What it does with the newest version that it takes: which data changes and what is published is the same for all of them.
    pub fn reaction(&self) -> &Reaction {
        &self.reactions[self.reactions.len() - 1]
    }

    /// What it does with each version, by the version's index.
    pub fn by_version(&self) -> impl Iterator<Item = (usize, &Reaction)> {
        self.versions.iter().copied().zip(&self.reactions)
    }

    /// The field by which it knows an event that was sent again; none where the event's id tells.
    pub fn known_by<'s>(&self, schema: &'s Fields) -> Option<&'s Field> {
        let key = self.idempotency_key.as_ref()?;
        (Name::snake_of(key) != EVENT_ID).then(|| schema.find(key))?
    }
}

/// The idempotency key that every event has: its id, which is no field of its schema.
pub const EVENT_ID: &str = "event_id";

/// A command run on an aggregate.
#[derive(Debug, Clone)]
pub struct CommandRun {
    /// Where it is declared.
    pub span: Span,
    /// Which aggregate.
    pub aggregate: AggregateId,
    /// The command's index.
    pub command: usize,
    /// The aggregate's id; none where the command begins a new one's life.
    pub id: Option<Path>,
    /// The command's input.
    pub input: Vec<Assignment>,
}

impl CommandRun {
    /// Everything that it reads.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.id
            .iter()
            .chain(self.input.iter().filter_map(Assignment::path))
    }
}

/// An event-sourced aggregate.
#[derive(Debug, Clone)]
pub struct Aggregate {
    /// Its name.
    pub name: Name,
    /// Whose.
    pub service: ServiceId,
    /// Where it is declared.
    pub span: Span,
    /// The data that shows its state.
    pub entity: super::arena::EntityId,
    /// The entity's field that holds the state.
    pub status: Option<Name>,
    /// Events between two snapshots.
    pub snapshot_every: Option<u32>,
    /// The events that it applies.
    pub events: Vec<AggregateEvent>,
    /// Its commands.
    pub commands: Vec<AggregateCommand>,
    /// Its states, in the order of their appearance.
    pub states: Vec<String>,
}

/// An event that an aggregate applies.
#[derive(Debug, Clone)]
pub struct AggregateEvent {
    /// Its name.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// The event declared for others, where there is one, with the version's index.
    pub published: Option<(EventId, usize)>,
    /// Whether others should learn of it, although no event of its name is declared for them.
    pub undeclared: bool,
    /// The payload.
    pub schema: Fields,
    /// Fields of the projection that it sets.
    pub set: Vec<Assignment>,
    /// The state that it leads to.
    pub status: Option<Spanned<String>>,
}

/// A command of an aggregate: a transition.
#[derive(Debug, Clone)]
pub struct AggregateCommand {
    /// Its name.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// What it needs.
    pub input: Fields,
    /// States in which it is allowed; none creates.
    pub from: Vec<Spanned<String>>,
    /// Whether it starts the aggregate's life.
    pub creates: bool,
    /// The events that it raises, with their payloads.
    pub raises: Vec<Raise>,
    /// Whether it raises one that could not be read, or that is not there.
    pub lost_raise: bool,
}

/// An event raised by a command.
#[derive(Debug, Clone)]
pub struct Raise {
    /// The event's index in the aggregate.
    pub event: usize,
    /// Its payload.
    pub values: Vec<Assignment>,
}
