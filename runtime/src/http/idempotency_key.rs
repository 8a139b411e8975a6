//! The `Idempotency-Key` header: a caller's promise that two requests with one key are one request.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderName};

use crate::problem::{FieldError, Part, Problem};

const MAX_LENGTH: usize = 255;

/// The key, if the caller gave one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(pub Option<String>);

impl IdempotencyKey {
    /// The name of the header.
    pub const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

    /// The key, if there is one.
    #[must_use]
    pub fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The key, where it must be given.
    ///
    /// # Errors
    /// 400 without one.
    pub fn required(&self) -> Result<&str, Problem> {
        self.as_deref().ok_or_else(|| wrong("is required here"))
    }

    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(value) = headers.get(Self::HEADER) else {
            return Ok(Self(None));
        };
        let text = value
            .to_str()
            .map_err(|_| wrong("must be plain text"))?
            .trim();
        // The draft standard writes a string in quotes; most callers leave them out.
        let key = text
            .strip_prefix('"')
            .and_then(|t| t.strip_suffix('"'))
            .unwrap_or(text);
        if key.is_empty() || key.len() > MAX_LENGTH {
            return Err(wrong("must have from 1 to 255 characters"));
        }
        Ok(Self(Some(key.to_owned())))
    }
}

fn wrong(detail: &str) -> Problem {
    Problem::validation([FieldError::parameter(
        Part::Header,
        "Idempotency-Key",
        detail,
    )])
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::read(&parts.headers)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(value: &str) -> Result<IdempotencyKey, Problem> {
        let value = HeaderValue::from_str(value).unwrap();
        IdempotencyKey::read(&HeaderMap::from_iter([(IdempotencyKey::HEADER, value)]))
    }

    #[test]
    fn a_key_is_the_same_with_and_without_quotes() {
        assert_eq!(read("k-1").unwrap(), read("\"k-1\"").unwrap());
    }

    #[test]
    fn empty_and_endless_keys_are_refused() {
        assert!(read("").is_err());
        assert!(read("\"\"").is_err());
        assert!(read(&"k".repeat(256)).is_err());
    }

    #[test]
    fn without_the_header_there_is_no_key() {
        let none = IdempotencyKey::read(&HeaderMap::new()).unwrap();
        assert_eq!(none.as_deref(), None);
        assert!(none.required().is_err());
    }
}
