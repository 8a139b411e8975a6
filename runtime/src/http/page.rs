//! Lists in pages: a bounded limit, and a cursor that callers hand back without looking into it.

use std::fmt;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::request::Parts;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::extract::{Json, Query};
use crate::problem::{FieldError, Part, Problem};

/// A place in a list. Callers see it encoded, and hand it back as they got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor that stands for a position, which the storage alone understands.
    #[must_use]
    pub fn new(position: impl Into<String>) -> Self {
        Self(position.into())
    }

    /// The position.
    #[must_use]
    pub fn position(&self) -> &str {
        &self.0
    }

    fn decoded(text: &str) -> Option<Self> {
        String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?)
            .ok()
            .map(Self)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::decoded(&text)
            .ok_or_else(|| serde::de::Error::custom("is not a cursor that came from here"))
    }
}

/// One page of a list, as it goes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<Cursor>,
}

impl<T> Page<T> {
    /// A page with the position after its last item, if there is more.
    #[must_use]
    pub fn new(items: Vec<T>, next: Option<String>) -> Self {
        Self {
            items,
            next_cursor: next.map(Cursor::new),
        }
    }

    /// The same page, each item turned into something else.
    #[must_use]
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(turn).collect(),
            next_cursor: self.next_cursor,
        }
    }
}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// Which page is asked for: `?limit=50&cursor=...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageQuery {
    /// The number of items, from 1 to [`PageQuery::MAX_LIMIT`].
    pub limit: u32,
    /// Where to begin; absent for the first page.
    pub cursor: Option<Cursor>,
}

impl PageQuery {
    /// The limit when none is given.
    pub const DEFAULT_LIMIT: u32 = 50;
    /// The largest limit that may be asked for.
    pub const MAX_LIMIT: u32 = 200;

    /// The position to begin at.
    #[must_use]
    pub fn position(&self) -> Option<&str> {
        self.cursor.as_ref().map(Cursor::position)
    }
}

impl Default for PageQuery {
    fn default() -> Self {
        Self {
            limit: Self::DEFAULT_LIMIT,
            cursor: None,
        }
    }
}

#[derive(Deserialize)]
struct Raw {
    limit: Option<u32>,
    cursor: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for PageQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(raw) = Query::<Raw>::from_request_parts(parts, state).await?;
        let wrong = |name: &str, detail: String| {
            Problem::validation([FieldError::parameter(Part::Query, name, detail)])
        };
        let limit = raw.limit.unwrap_or(Self::DEFAULT_LIMIT);
        if !(1..=Self::MAX_LIMIT).contains(&limit) {
            return Err(wrong(
                "limit",
                format!("must be from 1 to {}", Self::MAX_LIMIT),
            ));
        }
        let cursor = raw.cursor.map(|text| {
            Cursor::decoded(&text)
                .ok_or_else(|| wrong("cursor", "is not a cursor that came from here".to_owned()))
        });
        Ok(Self {
            limit,
            cursor: cursor.transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    async fn asked(query: &str) -> Result<PageQuery, Problem> {
        let request = http::Request::get(format!("/things{query}"))
            .body(())
            .unwrap();
        PageQuery::from_request_parts(&mut request.into_parts().0, &()).await
    }

    #[tokio::test]
    async fn the_limit_has_a_default_and_bounds() {
        assert_eq!(asked("").await.unwrap(), PageQuery::default());
        assert_eq!(asked("?limit=7").await.unwrap().limit, 7);
        for query in ["?limit=0", "?limit=201", "?limit=-1", "?limit=all"] {
            assert_eq!(
                asked(query).await.unwrap_err().errors()[0].pointer,
                "/limit",
                "{query}"
            );
        }
    }

    #[tokio::test]
    async fn a_made_up_cursor_is_refused() {
        assert_eq!(
            asked("?cursor=%21").await.unwrap_err().errors()[0].pointer,
            "/cursor"
        );
    }

    #[test]
    fn the_last_page_names_no_cursor() {
        assert_eq!(
            serde_json::to_string(&Page::new(vec![1], None)).unwrap(),
            r#"{"items":[1]}"#
        );
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_was(position in ".*") {
            let cursor = Cursor::new(position);
            let text = serde_json::to_string(&cursor).unwrap();
            prop_assert_eq!(serde_json::from_str::<Cursor>(&text).unwrap(), cursor);
        }
    }
}
