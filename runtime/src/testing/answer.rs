//! The answer to a request, and what is expected of it.

use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::body::parsed;
use super::expectation::{Names, matches};

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) request: String,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
    pub(super) names: Arc<Mutex<Names>>,
}

impl Answer {
    /// Its status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Its body; null where it has none.
    #[must_use]
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// A header, where it is there and text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The status is this one, and what is said is JSON.
    ///
    /// # Panics
    /// When it is another.
    #[track_caller]
    pub fn is(&self, status: StatusCode) -> &Self {
        self.has_status(status);
        if !self.body.is_null() {
            self.has("content-type", "application/json");
        }
        self
    }

    /// It is a problem of this status, with problem details (RFC 9457).
    ///
    /// # Panics
    /// When it is something else.
    #[track_caller]
    pub fn problem(&self, status: StatusCode) -> &Self {
        self.has_status(status);
        self.has("content-type", "application/problem+json");
        let said = self.body["status"].as_u64();
        assert!(
            said == Some(u64::from(status.as_u16())),
            "{}: the problem says {said:?}",
            self.request
        );
        self
    }

    /// The problem names this field.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn names(&self, pointer: &str) -> &Self {
        assert!(
            self.is_named(pointer),
            "{}: `{pointer}` is not named by {}",
            self.request,
            self.body
        );
        self
    }

    /// Nothing is wrong with this field.
    ///
    /// # Panics
    /// When a problem names it.
    #[track_caller]
    pub fn accepts(&self, pointer: &str) -> &Self {
        assert!(
            !self.is_named(pointer),
            "{}: `{pointer}` is refused by {}",
            self.request,
            self.body
        );
        assert!(
            self.status != StatusCode::INTERNAL_SERVER_ERROR,
            "{}: {}",
            self.request,
            self.body
        );
        self
    }

    fn is_named(&self, pointer: &str) -> bool {
        let errors = self.body["errors"].as_array();
        errors.is_some_and(|errors| errors.iter().any(|error| error["pointer"] == pointer))
    }

    /// A header is this.
    ///
    /// # Panics
    /// When it is something else.
    #[track_caller]
    pub fn has(&self, name: &str, value: &str) -> &Self {
        let found = self.header(name);
        assert!(
            found == Some(value),
            "{}: the header `{name}` is {found:?}, expected was `{value}`",
            self.request
        );
        self
    }

    /// The body shows these members.
    ///
    /// # Panics
    /// When one is missing or another value.
    #[track_caller]
    pub fn shows(&self, expected: &str) -> &Self {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(reason) = matches(&parsed(expected), &self.body, &mut names) {
            panic!("{}: {reason}\n  of {}", self.request, self.body);
        }
        self
    }

    #[track_caller]
    fn has_status(&self, status: StatusCode) {
        assert!(
            self.status == status,
            "{}: {} instead of {status}: {}",
            self.request,
            self.status,
            self.body
        );
    }
}
