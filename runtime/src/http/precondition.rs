//! Which version of a resource is meant: `ETag` on the way out, `If-Match` on the way in (RFC 9110, 13.1).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::extract::Json;
use crate::problem::Problem;

/// The version of a record, as an entity tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ETag(pub i64);

impl IntoResponseParts for ETag {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        if let Ok(value) = HeaderValue::from_str(&format!("\"{}\"", self.0)) {
            response.headers_mut().insert(header::ETAG, value);
        }
        Ok(response)
    }
}

/// A JSON body with the entity tag of its version.
#[derive(Clone, Debug)]
pub struct Versioned<T> {
    /// The version of the record.
    pub version: i64,
    /// The record.
    pub body: T,
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        (ETag(self.version), Json(self.body)).into_response()
    }
}

/// A record that was added: 201 with its place and its entity tag.
#[derive(Clone, Debug)]
pub struct Created<T> {
    location: String,
    version: i64,
    body: T,
}

impl<T> Created<T> {
    /// A record at its place.
    #[must_use]
    pub fn new(location: String, version: i64, body: T) -> Self {
        Self {
            location,
            version,
            body,
        }
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response =
            (StatusCode::CREATED, ETag(self.version), Json(self.body)).into_response();
        if let Ok(location) = HeaderValue::from_str(&self.location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// Holds a record against the version that the caller knows; none is any.
///
/// # Errors
/// 412 when the record was changed since.
pub fn expect_version(known: Option<i64>, actual: i64) -> Result<(), Problem> {
    if known.is_none_or(|known| known == actual) {
        return Ok(());
    }
    Err(Problem::precondition_failed(format!(
        "the resource is at version {actual} now"
    )))
}

/// What the caller says about the version that it means to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// No `If-Match`.
    Absent,
    /// `*`: whichever version is there.
    Any,
    /// One of these versions.
    Versions(Vec<i64>),
}

impl IfMatch {
    /// The version to expect, where the caller may leave it out.
    ///
    /// # Errors
    /// 412 if the header names nothing that any of our versions could be.
    pub fn version(&self) -> Result<Option<i64>, Problem> {
        match self {
            Self::Absent | Self::Any => Ok(None),
            Self::Versions(versions) => match versions.as_slice() {
                [version] => Ok(Some(*version)),
                [] => Err(Problem::precondition_failed(
                    "no version of the resource has this entity tag",
                )),
                _ => Err(Problem::bad_request("name one version in `If-Match`")),
            },
        }
    }

    /// The version to expect, where the caller must say it.
    ///
    /// # Errors
    /// 428 without the header, 412 as for [`IfMatch::version`].
    pub fn required(&self) -> Result<Option<i64>, Problem> {
        match self {
            Self::Absent => Err(Problem::precondition_required(
                "say in `If-Match` which version is meant; a read gives it as `ETag`",
            )),
            _ => self.version(),
        }
    }

    fn read(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(header::IF_MATCH).iter().peekable();
        if values.peek().is_none() {
            return Self::Absent;
        }
        let tags: Vec<&str> = values
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
            .map(str::trim)
            .collect();
        if tags.contains(&"*") {
            return Self::Any;
        }
        // Weak tags never match here (strong comparison), and tags that are no number are none of ours.
        let version = |tag: &str| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok();
        Self::Versions(tags.into_iter().filter_map(version).collect())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::read(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn read(value: &'static str) -> IfMatch {
        IfMatch::read(&HeaderMap::from_iter([(
            header::IF_MATCH,
            HeaderValue::from_static(value),
        )]))
    }

    #[test]
    fn the_version_of_an_entity_tag_is_read_back() {
        let response = Versioned {
            version: 7,
            body: (),
        }
        .into_response();
        assert_eq!(response.headers()[header::ETAG], "\"7\"");
        assert_eq!(read("\"7\"").required().unwrap(), Some(7));
    }

    #[test]
    fn a_star_means_any_version() {
        assert_eq!(read("*").required().unwrap(), None);
    }

    #[test]
    fn without_the_header_the_version_is_required_or_not() {
        let absent = IfMatch::read(&HeaderMap::new());
        assert_eq!(absent.version().unwrap(), None);
        assert_eq!(
            absent.required().unwrap_err().status(),
            StatusCode::PRECONDITION_REQUIRED
        );
    }

    #[test]
    fn weak_and_foreign_tags_never_match() {
        for tag in ["W/\"7\"", "\"abc\"", "7"] {
            assert_eq!(
                read(tag).version().unwrap_err().status(),
                StatusCode::PRECONDITION_FAILED,
                "{tag}"
            );
        }
    }
}
