//! The identifier that ties together everything that was done for one outer cause, and the header that carries it.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// An identifier from the outside is taken over only if it is short and plain, since it ends up in logs and headers.
const MAX_LENGTH: usize = 128;

/// A correlation identifier: made here, or taken over from the caller. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CorrelationId(Arc<str>);

impl CorrelationId {
    /// A new identifier, ordered by time.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::now_v7().to_string().into())
    }

    /// Takes over an identifier of at most 128 letters, digits and `-_.:/+=@`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/+=@".contains(c);
        (!text.is_empty() && text.len() <= MAX_LENGTH && text.chars().all(plain))
            .then(|| Self(text.into()))
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The header that carries the identifier from one service to the next: `x-correlation-id` where nothing else is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrelationHeader(HeaderName);

impl CorrelationHeader {
    /// The header of a name that is known at compile time, in lower case.
    ///
    /// # Panics
    /// When the name is none of a header.
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        Self(HeaderName::from_static(name))
    }

    /// The header of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &HeaderName {
        &self.0
    }

    /// Tells a caller the identifier.
    pub(crate) fn write(&self, id: &CorrelationId, headers: &mut HeaderMap) {
        if let Ok(id) = HeaderValue::from_str(id.as_str()) {
            headers.insert(self.0.clone(), id);
        }
    }
}

impl Default for CorrelationHeader {
    fn default() -> Self {
        Self::from_static("x-correlation-id")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_identifier_is_taken_over() {
        assert_eq!(
            CorrelationId::parse("order-7.a:b").map(|id| id.to_string()),
            Some("order-7.a:b".to_owned())
        );
    }

    #[test]
    fn an_identifier_that_could_forge_log_lines_or_headers_is_refused() {
        for text in ["", "a\nb", "a b", "\"", "é", &"x".repeat(MAX_LENGTH + 1)] {
            assert_eq!(CorrelationId::parse(text), None, "{text:?}");
        }
    }
}
