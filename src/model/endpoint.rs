//! Operations, and the calls between services.

use std::time::Duration;

use super::arena::{CacheId, EndpointId, EntityId, ServiceId};
use super::effect::{Assignment, Effect, Emission};
use super::event::CommandRun;
use super::name::Name;
use super::policy::{Bulkhead, CircuitBreaker, Retry};
use super::service::Party;
use super::types::{Fields, Type};
use crate::syntax::source::{Span, Spanned};

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "RFC 9110 documents them")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// As written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether it may be repeated without harm (RFC 9110 section 9.2.2).
    pub fn is_idempotent(self) -> bool {
        !matches!(self, Self::Post | Self::Patch)
    }

    /// Whether it asks for nothing but a reading (RFC 9110 section 9.2.1).
    pub fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

/// A piece of a path between slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Fixed text.
    Literal(String),
    /// `{name}`.
    Parameter(Name),
}

/// What an operation does with the data behind it.
#[derive(Debug, Clone)]
pub enum Action {
    /// Adds a record.
    Create(EntityId),
    /// Reads one record.
    Read(EntityId),
    /// Reads a page of records.
    List {
        /// Of what.
        entity: EntityId,
        /// Fields that the query may fix.
        filters: Vec<Name>,
    },
    /// Changes one record.
    Update(EntityId),
    /// Removes one record.
    Delete(EntityId),
    /// Runs a command of an aggregate.
    Aggregate(CommandRun),
    /// Runs effects, or the owner's code alone.
    Command,
}

/// What a request or an answer holds.
#[derive(Debug, Clone)]
pub enum Body {
    /// Nothing.
    None,
    /// The fields of a record of owned data.
    Entity(EntityId),
    /// A page of them.
    Page(EntityId),
    /// A type.
    Type(Type),
    /// Fields of its own.
    Fields(Fields),
}

/// Whether an operation honours an `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdempotencyKey {
    /// Asked for; 400 without.
    Required,
    /// Honoured when sent.
    Optional,
    /// Ignored.
    None,
}

/// A public operation.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its name, unique in its service.
    pub name: Name,
    /// Whose.
    pub owner: Party,
    /// Where it is declared.
    pub span: Span,
    /// What it is for.
    pub description: Option<String>,
    /// Its method.
    pub method: Method,
    /// Its path as written.
    pub path: Spanned<String>,
    /// Its path in pieces.
    pub segments: Vec<Segment>,
    /// What it does.
    pub action: Action,
    /// What is sent.
    pub request: Body,
    /// What comes back.
    pub response: Body,
    /// What the record's fields get, where the action is create or update.
    pub record: Vec<Assignment>,
    /// What it does to owned data after the action.
    pub effects: Vec<Effect>,
    /// What the answer's fields get, where it is no record of owned data; `None` where only the handler's code can tell.
    pub answer: Option<Vec<Assignment>>,
    /// Events that it publishes.
    pub emits: Vec<Emission>,
    /// Scope that the caller's token needs.
    pub scope: Option<Spanned<String>>,
    /// Whether no token is needed.
    pub public: bool,
    /// Whether it changes anything.
    pub writes: bool,
    /// How long it may take.
    pub timeout: Option<Spanned<Duration>>,
    /// Whether a repeated request is recognised.
    pub idempotency_key: IdempotencyKey,
    /// The cache that answers first.
    pub cache: Option<CacheId>,
}

/// A synchronous call from a service.
#[derive(Debug, Clone)]
pub struct Call {
    /// The caller.
    pub from: ServiceId,
    /// The callee.
    pub to: Party,
    /// Where the callee is named.
    pub span: Span,
    /// Operations used; all of the callee's where the file does not say.
    pub operations: Vec<EndpointId>,
    /// Whether the file names the operations.
    pub operations_named: bool,
    /// How long one try may take.
    pub timeout: Option<Spanned<Duration>>,
    /// Whether it is tried again.
    pub retry: Option<Retry>,
    /// When it stops.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// How many at a time.
    pub bulkhead: Option<Bulkhead>,
    /// Whether the caller cannot do without.
    pub hard: bool,
    /// What stands in when it fails.
    pub fallback: Option<String>,
    /// Whether requests carry an `Idempotency-Key`.
    pub idempotency_key: bool,
    /// The group of calls that it runs side by side with.
    pub parallel: Option<String>,
}

impl Call {
    /// Whether the caller fails when the callee does.
    pub fn binds(&self) -> bool {
        self.hard && self.fallback.is_none()
    }

    /// How often a request may be sent in all.
    pub fn tries(&self) -> u32 {
        self.retry
            .as_ref()
            .map_or(1, |retry| retry.max_attempts.max(1))
    }
}
