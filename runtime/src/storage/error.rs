//! What can go wrong at the store, and what a caller is told about it.

use std::borrow::Cow;
use std::error::Error as StdError;

use thiserror::Error;

use super::Kind;
use crate::problem::{FieldError, Problem};

/// A store did not do what was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// No record has this identifier, or matches this filter.
    #[error("there is no such record in `{table}`{}", asked(columns))]
    NotFound {
        /// The table.
        table: String,
        /// The columns by which it was looked for. What they were to hold is left out: it may be sensitive.
        columns: Vec<String>,
    },
    /// A record of that identity exists already.
    #[error("`{table}` holds such a record already: {detail}")]
    Conflict {
        /// The table.
        table: String,
        /// What the database says.
        detail: String,
    },
    /// The record was changed since it was read.
    #[error("record {id} of `{table}` is no longer at version {expected}")]
    Changed {
        /// The table.
        table: String,
        /// The record.
        id: String,
        /// The version that the change was based on.
        expected: i64,
    },
    /// A change would break a floor: the business says no.
    #[error("`{column}` of `{table}` would fall below {floor}")]
    Refused {
        /// The table.
        table: String,
        /// The column with the floor.
        column: String,
        /// The least that is allowed.
        floor: String,
    },
    /// A value lies outside the limits of its field.
    #[error("`{table}` cannot hold this: {}", told(errors))]
    Unfit {
        /// The table.
        table: String,
        /// Each column that is wrong, and why.
        errors: Vec<FieldError>,
    },
    /// An adjustment would take a number out of the limits of its field: the business says no.
    #[error("`{table}` cannot become this: {}", told(errors))]
    Beyond {
        /// The table.
        table: String,
        /// Each column that is wrong, and why.
        errors: Vec<FieldError>,
    },
    /// The events of a stream were written by somebody else in between.
    #[error("stream `{stream}` is at version {actual}, not at {expected}")]
    StreamChanged {
        /// The stream.
        stream: String,
        /// What the writer expected.
        expected: String,
        /// What the stream is at.
        actual: i64,
    },
    /// A stream holds an event that this code does not know. It is never passed over, since the state would be wrong then.
    #[error("event `{kind}` of schema {schema} is not known here")]
    UnknownEvent {
        /// Which event.
        kind: String,
        /// The version of its schema.
        schema: u32,
    },
    /// The same idempotency key came with another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// A request with the same idempotency key is still being worked on.
    #[error("a request with this idempotency key is in progress")]
    KeyInFlight,
    /// The page cursor was not given out by this list.
    #[error("the cursor is not one of this list")]
    Cursor,
    /// A column that the table does not have, or that cannot be used this way.
    #[error("`{table}` has no usable column `{column}`")]
    UnknownColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A value does not fit its column's kind.
    #[error("a value of kind {found:?} is not of kind {expected:?}")]
    Kind {
        /// What the column holds.
        expected: Kind,
        /// What the value is; none for null.
        found: Option<Kind>,
    },
    /// A column holds something else than the record's field.
    #[error("column `{column}` holds what its field cannot take")]
    Column {
        /// The column.
        column: String,
    },
    /// An adjustment would take a number out of the range that its column can hold: the business says no.
    #[error("`{column}` of `{table}` would become too large")]
    Overflow {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The migrations at hand and those recorded in the database do not agree.
    #[error("migration {number} of `{history}`: {reason}")]
    Migration {
        /// Which list of migrations.
        history: String,
        /// Its number.
        number: u32,
        /// What does not agree.
        reason: String,
    },
    /// Something stored cannot be read any more.
    #[error("{what} cannot be read")]
    Corrupt {
        /// What was read.
        what: String,
        /// Why not.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The database cannot be opened as it is set.
    #[error("cannot open {server}: {help}")]
    Unreachable {
        /// Which one.
        server: String,
        /// What to do.
        help: Cow<'static, str>,
        /// The database's own error.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The settings ask for a driver that was left out of this program.
    #[error(
        "`database.url` asks for {engine}, and this program was built without it: build it with `--features {feature}`"
    )]
    NotBuiltIn {
        /// The kind of database.
        engine: &'static str,
        /// What to build with.
        feature: &'static str,
    },
    /// The database cannot work now, and may again without anybody's change: it is locked, out of room, or out of reach.
    #[error("the store is not available to {operation}")]
    Unavailable {
        /// What was being done.
        operation: &'static str,
        /// The database's own error.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The database failed.
    #[error("the store failed to {operation}")]
    Backend {
        /// What was being done.
        operation: &'static str,
        /// The database's own error.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl StoreError {
    /// Something stored that cannot be read.
    pub fn corrupt(
        what: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Corrupt {
            what: what.into(),
            source: source.into(),
        }
    }

    /// A failure of the database.
    pub fn backend(
        operation: &'static str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Backend {
            operation,
            source: source.into(),
        }
    }

    /// A database that cannot work now.
    pub fn unavailable(
        operation: &'static str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Unavailable {
            operation,
            source: source.into(),
        }
    }

    /// Whether the business says no, for ever: trying the same again would give the same.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NotFound { .. }
                | Self::Conflict { .. }
                | Self::Refused { .. }
                | Self::Unfit { .. }
                | Self::Beyond { .. }
                | Self::Overflow { .. }
        )
    }
}

/// `, by `id``: what was asked for, without its value.
fn asked(columns: &[String]) -> String {
    if columns.is_empty() {
        return String::new();
    }
    let columns: Vec<String> = columns.iter().map(|name| format!("`{name}`")).collect();
    format!(", by {}", columns.join(" and "))
}

/// `quantity must be at least 1; note must not be longer than 5`: columns, which are nobody's request.
fn told(errors: &[FieldError]) -> String {
    let told = errors.iter().map(|error| {
        let column = error.pointer.trim_start_matches('/');
        format!("{column} {}", error.detail)
    });
    told.collect::<Vec<_>>().join("; ")
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { .. } => Self::not_found(error.to_string()),
            // The database's own words stay in the log: they name constraints that are nobody else's business.
            StoreError::Conflict { .. } => {
                Self::conflict("such a record exists already").with_source(error)
            }
            StoreError::Changed { .. }
            | StoreError::Refused { .. }
            | StoreError::Beyond { .. }
            | StoreError::Overflow { .. }
            | StoreError::StreamChanged { .. }
            | StoreError::KeyInFlight => Self::conflict(error.to_string()),
            StoreError::KeyReused | StoreError::Unfit { .. } => {
                Self::unprocessable(error.to_string())
            }
            StoreError::Unavailable { .. } => {
                Self::unavailable("the store is not available now", None).with_source(error)
            }
            StoreError::Cursor => Self::bad_request(error.to_string()),
            error => Self::internal(error),
        }
    }
}
