//! Two schemas side by side: what differs, and whether who reads the one can read what was written by the other.
//!
//! Who writes a record writes the fields that its schema names. Who reads it passes over what it does not know, unless its schema is closed
//! (`additionalProperties: false`). Under this reading an optional field may be added in every direction; taken literally, JSON Schema
//! would let nobody add anything to an open record, because an old document might hold anything under the new name.
//!
//! Compared are the types of the file and raw JSON Schema, also with each other. What cannot be decided is unknown, never broken.

mod compare;
mod declared;
mod difference;
mod properties;
mod raw;
mod shape;

pub use compare::differences;
pub use difference::{Change, Difference, Verdict};

use serde_json::Value as Json;

use crate::model::Model;
use crate::model::types::{Field, Fields, Limits, Type};

/// A schema, however it was written.
#[derive(Debug, Clone, Copy)]
pub enum Schema<'a> {
    /// Whatever JSON can hold.
    Any,
    /// The fields of a record.
    Record(Record<'a>),
    /// A type of the file.
    Typed {
        /// Where its names are resolved.
        model: &'a Model,
        /// The type.
        ty: &'a Type,
        /// Limits of the field that has it.
        limits: Option<&'a Limits>,
    },
    /// Raw JSON Schema.
    Raw {
        /// The whole schema, in which references are resolved.
        root: &'a Json,
        /// The part meant.
        at: &'a Json,
    },
}

/// The fields of a record, and how they are read.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Where their types are resolved.
    pub model: &'a Model,
    /// The fields.
    pub fields: &'a [Field],
    /// Whether anything else is refused.
    pub closed: bool,
    /// Which of them must be there.
    pub presence: Presence,
}

/// Which fields of a record must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Those that are declared so.
    Declared,
    /// The same without those that have a default: requests may leave them out.
    Sent,
    /// None: a patch.
    Partial,
}

impl<'a> Schema<'a> {
    /// What an event or an answer holds.
    #[must_use]
    pub fn of(model: &'a Model, fields: &'a Fields) -> Self {
        Self::read(model, fields, false, Presence::Declared)
    }

    /// What a request holds: what is not declared is refused.
    #[must_use]
    pub fn sent(model: &'a Model, fields: &'a Fields, presence: Presence) -> Self {
        Self::read(model, fields, true, presence)
    }

    fn read(model: &'a Model, fields: &'a Fields, closed: bool, presence: Presence) -> Self {
        match &fields.raw {
            Some(raw) => Self::Raw { root: raw, at: raw },
            None => Self::Record(Record {
                model,
                fields: &fields.fields,
                closed,
                presence,
            }),
        }
    }

    /// A type of the file.
    #[must_use]
    pub fn typed(model: &'a Model, ty: &'a Type) -> Self {
        Self::Typed {
            model,
            ty,
            limits: None,
        }
    }
}
