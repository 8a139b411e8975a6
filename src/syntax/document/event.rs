//! Events, who receives them, and what they bring about.

use indexmap::IndexMap;

use super::{FieldsDecl, NameOr, Retry, Values};
use crate::syntax::decode::{Cx, Named, OneOrMany, choice, record, report_repeated};
use crate::syntax::source::Spanned;

choice! {
    /// How often a message arrives.
    pub enum Delivery {
        /// Until it is acknowledged.
        AtLeastOnce = "at-least-once",
        /// Or not at all.
        AtMostOnce = "at-most-once",
    }
}

choice! {
    /// Which schema changes are allowed between versions of an event.
    pub enum Compatibility {
        /// New readers read old data.
        Backward = "backward",
        /// Old readers read new data.
        Forward = "forward",
        /// Both.
        Full = "full",
        /// Backward, against all earlier versions.
        BackwardTransitive = "backward_transitive",
        /// Forward, against all earlier versions.
        ForwardTransitive = "forward_transitive",
        /// Full, against all earlier versions.
        FullTransitive = "full_transitive",
    }
}

record! {
    /// Something that happened and that others may learn of.
    #[named("name", "event_name")]
    #[check(distinct)]
    pub struct Event {
        /// What happened.
        description: Option<String>,
        /// Version of the schema: v1, v2, ... Default v1.
        version: Option<Spanned<String>>,
        /// The payload: field by field, or raw JSON Schema.
        schema: Option<FieldsDecl>,
        /// Several versions side by side: version → schema.
        versions: IndexMap<Spanned<String>, EventVersion>,
        /// Services that publish it.
        producers: OneOrMany<Spanned<String>>,
        /// Services that receive it, each with what it does then.
        consumers: Named<Consumer>,
        /// The field that orders the events of one thing. Default: the first uuid field.
        key: Option<Spanned<String>>,
        /// Whether it is produced outside the system.
        external: Option<bool>,
        /// Whether it is consumed outside the system.
        public: Option<bool>,
        /// How often it arrives. Default at-least-once.
        delivery: Option<Spanned<Delivery>>,
        /// Which schema changes are allowed between its versions.
        compatibility: Option<Compatibility>,
        /// What it was called before; the handlers of its consumers move along.
        renamed_from: Option<Spanned<String>>,
    }
}

/// A service that publishes what it publishes already.
fn distinct(event: &Event, cx: &mut Cx) {
    report_repeated(&event.producers, "the producers", cx);
}

record! {
    /// One version of an event.
    pub struct EventVersion {
        /// The payload.
        schema: Option<FieldsDecl>,
        /// What is new.
        description: Option<String>,
        /// How the payload of the version before becomes one of this: added field → literal or `$previous.x`.
        upcast: Values,
        /// Whether nobody should take it up any more.
        deprecated: Option<bool>,
    }
}

record! {
    /// A service's subscription to an event.
    #[named("service")]
    pub struct Consumer {
        /// Versions that it takes. What it does is read from the fields of each. Default: the latest.
        versions: OneOrMany<Spanned<String>>,
        /// Fields that it reads.
        fields: Option<Vec<Spanned<String>>>,
        /// Field → literal: the event is passed over where one differs.
        when: Values,
        /// What it does to its own data.
        effects: Vec<Effect>,
        /// The aggregate command that it runs.
        runs: Option<Runs>,
        /// Events that it publishes in turn.
        emits: OneOrMany<NameOr<Emission>>,
        /// The field that the sender keeps when it sends an event again: what comes with a value that the inbox knows is passed over. Default: the event's id.
        idempotency_key: Option<Spanned<String>>,
        /// How often it tries.
        retry: Option<NameOr<Retry>>,
        /// The topic for messages that cannot be handled, at brokers that keep them in one. The embedded broker keeps them by consumer.
        dead_letter: Option<Spanned<String>>,
    }
}

/// A command by name, or with the aggregate's id.
pub type Runs = NameOr<RunsRecord>;

record! {
    /// A command of an aggregate, and on which one it runs.
    pub struct RunsRecord {
        /// The command.
        command: Spanned<String>,
        /// The aggregate's id, as a reference. Default: the field `<aggregate>_id`.
        id: Option<Spanned<String>>,
        /// Command input → literal or reference. Fields of equal name are found by themselves.
        values: Values,
    }
}

record! {
    /// One change of the service's own data: exactly one of create, set and adjust.
    pub struct Effect {
        /// Owned data that gets a new record.
        create: Option<Spanned<String>>,
        /// Owned data whose records are changed.
        set: Option<Spanned<String>>,
        /// Owned data whose numbers are moved.
        adjust: Option<Spanned<String>>,
        /// A name for the record, for later references.
        r#as = "as": Option<Spanned<String>>,
        /// Which records: field → literal or reference.
        r#where = "where": Values,
        /// Field → literal or reference.
        values: Values,
        /// Field → difference, for adjust.
        by: Values,
        /// Field → least value: below it the effect is refused (a saga step rejects, an endpoint answers 409).
        floor: Values,
        /// Whether a record is added where none matches.
        or_create: Option<Spanned<bool>>,
        /// A list: the effect repeats, with `$item` bound to each.
        for_each: Option<Spanned<String>>,
        /// Reference without `$` → literal: nothing happens where one differs.
        when: Values,
    }
}

record! {
    /// An event that is published, with the values of its fields.
    pub struct Emission {
        /// The event.
        event: Spanned<String>,
        /// Its version. Default: the latest.
        version: Option<Spanned<String>>,
        /// Field → literal or reference. Fields of equal name are found by themselves; a moment that nothing gives is now.
        values: Values,
        /// Reference without `$` → literal: it is published only where all are equal.
        when: Values,
    }
}
