//! Problem details on the wire: as the body of a response, and read back from one.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{CONTENT_TYPE, FieldError, Problem, chain};

/// The members of RFC 9457, plus ours; anything further is an extension.
#[derive(Deserialize)]
struct Body {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    instance: Option<String>,
    #[serde(default)]
    errors: Vec<FieldError>,
    #[serde(flatten)]
    extensions: BTreeMap<String, Value>,
}

impl Problem {
    /// The body as it goes out.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut body = Map::new();
        let inner = &self.0;
        body.insert("type".to_owned(), inner.kind.as_str().into());
        body.insert("title".to_owned(), inner.title.as_str().into());
        body.insert("status".to_owned(), inner.status.as_u16().into());
        for (name, value) in [("detail", &inner.detail), ("instance", &inner.instance)] {
            if let Some(value) = value {
                body.insert(name.to_owned(), value.as_str().into());
            }
        }
        if !inner.errors.is_empty() {
            let error = |e: &FieldError| serde_json::json!({"pointer": e.pointer, "in": e.part, "detail": e.detail});
            body.insert(
                "errors".to_owned(),
                inner.errors.iter().map(error).collect(),
            );
        }
        for (name, value) in &inner.extensions {
            body.entry(name.clone()).or_insert_with(|| value.clone());
        }
        Value::Object(body)
    }

    /// Reads the answer of another service. A body that is no problem details still gives a problem of its status.
    #[must_use]
    pub fn from_response(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let mut problem = Self::new(status);
        if let Ok(read) = serde_json::from_slice::<Body>(body) {
            let inner = &mut problem.0;
            inner.kind = read.kind.unwrap_or_else(|| inner.kind.clone());
            inner.title = read.title.unwrap_or_else(|| inner.title.clone());
            (inner.detail, inner.instance, inner.errors) =
                (read.detail, read.instance, read.errors);
            inner.extensions = read.extensions;
            inner.extensions.remove("status");
        }
        let header = |name| {
            headers
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
        };
        problem.0.retry_after = header(header::RETRY_AFTER)
            .and_then(|wait| wait.parse().ok())
            .map(Duration::from_secs);
        problem.0.challenge = header(header::WWW_AUTHENTICATE).map(str::to_owned);
        problem
    }

    /// Writes the cause, with its own causes, to the log of the running request: as an error where the fault is ours.
    fn log_source(&self) {
        let Some(source) = &self.0.source else { return };
        let causes = chain(&**source);
        let status = self.0.status.as_u16();
        if self.0.status.is_server_error() {
            tracing::error!(error = %causes, status, "request failed");
        } else {
            tracing::info!(error = %causes, status, "request refused");
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log_source();
        let mut response = (self.0.status, self.to_json().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        if let Some(wait) = self.0.retry_after {
            // Whole seconds, rounded up: who waits that long is served.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = self
            .0
            .challenge
            .as_deref()
            .and_then(|c| HeaderValue::from_str(c).ok())
        {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn taken_apart(problem: Problem) -> (StatusCode, HeaderMap, Value) {
        let (parts, body) = problem.into_response().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (
            parts.status,
            parts.headers,
            serde_json::from_slice(&bytes).unwrap(),
        )
    }

    #[tokio::test]
    async fn the_media_type_is_that_of_problem_details() {
        let (status, headers, body) = taken_apart(Problem::not_found("no order 7")).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(headers[header::CONTENT_TYPE], CONTENT_TYPE);
        assert_eq!(body["status"], 404);
        assert_eq!(body["detail"], "no order 7");
    }

    #[tokio::test]
    async fn the_cause_of_an_internal_problem_is_not_sent_out() {
        let (_, _, body) = taken_apart(Problem::internal("password is hunter2")).await;
        assert!(!body.to_string().contains("hunter2"));
    }

    #[tokio::test]
    async fn the_wait_is_rounded_up_to_whole_seconds() {
        let (_, headers, _) =
            taken_apart(Problem::too_many_requests(Duration::from_millis(1200))).await;
        assert_eq!(headers[header::RETRY_AFTER], "2");
    }

    #[tokio::test]
    async fn an_unauthorized_answer_carries_its_challenge() {
        let (_, headers, _) = taken_apart(Problem::unauthorized("Bearer", "no token")).await;
        assert_eq!(headers[header::WWW_AUTHENTICATE], "Bearer");
    }

    #[tokio::test]
    async fn what_was_sent_is_read_again() {
        let sent =
            Problem::validation([FieldError::new("/a", "is missing")]).with_extension("limit", 3);
        let (status, headers, body) = taken_apart(sent.clone()).await;
        let read = Problem::from_response(status, &headers, body.to_string().as_bytes());
        assert_eq!(read.to_json(), sent.to_json());
    }

    #[test]
    fn an_answer_that_is_no_problem_still_has_its_status() {
        let read = Problem::from_response(StatusCode::BAD_GATEWAY, &HeaderMap::new(), b"<html>");
        assert_eq!(read.status(), StatusCode::BAD_GATEWAY);
        assert_eq!(read.to_json()["title"], "Bad Gateway");
    }

    #[test]
    fn an_extension_does_not_shadow_a_member() {
        let problem = Problem::conflict("held").with_extension("status", 200);
        assert_eq!(problem.to_json()["status"], 409);
    }
}
