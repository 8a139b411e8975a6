//! What steps, consumers and operations do to their service's own data, with every reference resolved and typed.

use super::arena::{EntityId, EventId};
use super::name::Name;
use super::types::Type;
use crate::syntax::source::Span;

/// One change of owned data.
#[derive(Debug, Clone)]
pub struct Effect {
    /// Where it is declared.
    pub span: Span,
    /// The data changed.
    pub entity: EntityId,
    /// How.
    pub kind: EffectKind,
    /// The list it repeats over; `$item` is bound to each.
    pub for_each: Option<Path>,
    /// All must hold, or nothing happens.
    pub when: Vec<Condition>,
    /// The name that the record is bound to for later references.
    pub binds: Option<Name>,
}

impl Effect {
    /// Whether it changes records that must be there before.
    pub fn needs_data(&self) -> bool {
        !matches!(self.kind, EffectKind::Create { .. })
    }

    /// Everything that it reads.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let (filter, values): (&[Assignment], &[Assignment]) = match &self.kind {
            EffectKind::Create { values } => (&[], values),
            EffectKind::Set { filter, values, .. } => (filter, values),
            EffectKind::Adjust { filter, by, .. } => (filter, by),
        };
        let assigned = filter.iter().chain(values).filter_map(Assignment::path);
        let conditions = self.when.iter().map(|condition| &condition.path);
        self.for_each.iter().chain(conditions).chain(assigned)
    }
}

/// How data changes.
#[derive(Debug, Clone)]
pub enum EffectKind {
    /// A record is added.
    Create {
        /// Field → value, in the entity's order; every required field without a default is here.
        values: Vec<Assignment>,
    },
    /// Records that match are changed.
    Set {
        /// Which.
        filter: Vec<Assignment>,
        /// Field → value.
        values: Vec<Assignment>,
        /// Whether one is added where none matches.
        or_create: bool,
    },
    /// Numbers of the record that matches are moved.
    Adjust {
        /// Which.
        filter: Vec<Assignment>,
        /// Field → difference.
        by: Vec<Assignment>,
        /// Field → least value: the effect is refused below it.
        floors: Vec<(Name, serde_json::Number)>,
    },
}

/// A field and the value that it gets or must have.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The field, as the target spells it.
    pub field: Name,
    /// The field's type.
    pub ty: Type,
    /// Whether the field must have a value.
    pub required: bool,
    /// The value.
    pub value: Value,
}

impl Assignment {
    /// What its value is read from.
    pub fn path(&self) -> Option<&Path> {
        match &self.value {
            Value::Path(path) | Value::Negative(path) => Some(path),
            Value::Sum { list, .. } => Some(list),
            Value::Literal(_) | Value::Now | Value::NewId | Value::Placeholder => None,
        }
    }
}

/// Something that must hold.
#[derive(Debug, Clone)]
pub struct Condition {
    /// What is looked at.
    pub path: Path,
    /// What it must be.
    pub equals: serde_json::Value,
}

/// Where a value comes from.
#[derive(Debug, Clone)]
pub enum Value {
    /// Written in the file; checked against the field's type.
    Literal(serde_json::Value),
    /// Read from what is at hand.
    Path(Path),
    /// The negative of a number at hand.
    Negative(Path),
    /// The sum over a list of the product of some of its items' fields.
    Sum {
        /// The list.
        list: Path,
        /// Fields of its items, multiplied.
        factors: Vec<PathStep>,
        /// The type of the sum.
        ty: Type,
    },
    /// The moment at which it happens.
    Now,
    /// A fresh id; the same when the same message is handled again.
    NewId,
    /// What the field's type offers first: an empty text, zero, the first alternative (for outputs that nothing else fills).
    Placeholder,
}

/// A way to a value: a root, and fields below it.
#[derive(Debug, Clone)]
pub struct Path {
    /// Where it starts.
    pub root: Root,
    /// Fields walked through.
    pub steps: Vec<PathStep>,
    /// The type found at its end.
    pub ty: Type,
    /// Whether a value is always there.
    pub required: bool,
    /// Where it is written; the declaration where it was found by name.
    pub span: Span,
}

/// One field on the way.
#[derive(Debug, Clone)]
pub struct PathStep {
    /// The field.
    pub field: Name,
    /// Its type.
    pub ty: Type,
    /// Whether it is always there.
    pub required: bool,
}

/// Where a path starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// The request's body.
    Request,
    /// A parameter of the path.
    PathParameter,
    /// The caller's identity.
    Subject,
    /// The event that is handled.
    Event,
    /// A step's or command's input.
    Input,
    /// An aggregate's state (its projection's fields).
    State,
    /// The payload's previous version, in an upcast.
    Previous,
    /// The item of `for_each`.
    Item,
    /// A record bound by an earlier effect, or the record of the operation itself.
    Bound(Name),
    /// The saga's trigger (or its declared input).
    Trigger,
    /// Why a saga failed: `reason` and `step`.
    Failure,
    /// An output of an earlier step, by index.
    Output {
        /// The step.
        step: usize,
    },
}

/// An event published by an operation, a step, a consumer or an aggregate.
#[derive(Debug, Clone)]
pub struct Emission {
    /// Where it is declared.
    pub span: Span,
    /// The event.
    pub event: EventId,
    /// Its version's index.
    pub version: usize,
    /// Field → value, in the schema's order.
    pub values: Vec<Assignment>,
    /// All must hold, or nothing is published.
    pub when: Vec<Condition>,
}

impl Emission {
    /// Everything that it reads.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let conditions = self.when.iter().map(|condition| &condition.path);
        conditions.chain(self.values.iter().filter_map(Assignment::path))
    }
}
