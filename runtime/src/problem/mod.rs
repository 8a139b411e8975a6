//! What a caller is told when something went wrong: problem details (RFC 9457).
//!
//! ```
//! use msarch_runtime::problem::{FieldError, Problem};
//!
//! let problem = Problem::validation([FieldError::new("/quantity", "must be at least 1")]);
//! assert_eq!(problem.status().as_u16(), 400);
//! assert_eq!(problem.to_json()["errors"][0]["pointer"], "/quantity");
//! ```

mod chain;
mod constructors;
mod response;

pub(crate) use chain::chain;

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The media type of problem details.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// What a handler gives back: a value, or the problem to tell the caller.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// A part of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The body.
    #[default]
    Body,
    /// The parameters of the path.
    Path,
    /// The parameters of the query.
    Query,
    /// The headers.
    Header,
}

/// One field of the request that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) to the field within its part of the request: `/items/0/quantity`, `/limit`.
    pub pointer: String,
    /// The part.
    #[serde(rename = "in", default)]
    pub part: Part,
    /// What is wrong with it.
    pub detail: String,
}

impl FieldError {
    /// A wrong field of the body, by its JSON pointer, and what is wrong with it.
    #[must_use]
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            part: Part::Body,
            detail: detail.into(),
        }
    }

    /// A wrong parameter or header, by its name, and what is wrong with it.
    #[must_use]
    pub fn parameter(part: Part, name: &str, detail: impl Into<String>) -> Self {
        let pointer = if name.is_empty() {
            String::new()
        } else {
            step(name)
        };
        Self {
            part,
            ..Self::new(pointer, detail)
        }
    }
}

/// One step of a JSON pointer.
pub(crate) fn step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Problem details. The cause of an internal problem is logged once at the boundary and never sent out.
#[derive(Clone)]
pub struct Problem(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: String,
    title: String,
    status: StatusCode,
    detail: Option<String>,
    instance: Option<String>,
    errors: Vec<FieldError>,
    extensions: BTreeMap<String, Value>,
    retry_after: Option<Duration>,
    challenge: Option<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Problem {
    /// A problem of a status, with the status' own title and `about:blank` as its type.
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        Self(Box::new(Inner {
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status,
            detail: None,
            instance: None,
            errors: Vec::new(),
            extensions: BTreeMap::new(),
            retry_after: None,
            challenge: None,
            source: None,
        }))
    }

    /// Names the kind of problem by a URI, with its own title.
    #[must_use]
    pub fn with_type(mut self, kind: impl Into<String>, title: impl Into<String>) -> Self {
        self.0.kind = kind.into();
        self.0.title = title.into();
        self
    }

    /// Says what happened this time.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Names this occurrence by a URI reference.
    #[must_use]
    pub fn with_instance(mut self, instance: impl Into<String>) -> Self {
        self.0.instance = Some(instance.into());
        self
    }

    /// Adds a member of the problem's own.
    #[must_use]
    pub fn with_extension(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.extensions.insert(name.into(), value.into());
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Says how to authenticate, as `WWW-Authenticate`.
    #[must_use]
    pub fn with_challenge(mut self, challenge: impl Into<String>) -> Self {
        self.0.challenge = Some(challenge.into());
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The URI that names the kind of problem.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.0.kind
    }

    /// What happened, if it was said.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// The fields that are wrong.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// The problem's own members.
    #[must_use]
    pub fn extensions(&self) -> &BTreeMap<String, Value> {
        &self.0.extensions
    }

    /// How long to wait before trying again.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("body", &self.to_json().to_string())
            .field("source", &self.0.source)
            .finish()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.status.as_u16(), self.0.title)?;
        if let Some(detail) = &self.0.detail {
            write!(f, ": {detail}")?;
        }
        self.0
            .errors
            .iter()
            .try_for_each(|error| write!(f, "; {}: {}", error.pointer, error.detail))
    }
}

impl StdError for Problem {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}
