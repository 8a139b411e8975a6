//! A request to the service under test, through its real router.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use http::{HeaderName, HeaderValue, Method, Request, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::answer::Answer;
use super::description::Description;
use super::expectation::Names;
use super::tokens::Tokens;
use crate::http::IdempotencyKey;

/// The subject of every token, unless a test says otherwise.
pub(super) const SUBJECT: &str = "tester";

/// A request that is put together.
#[derive(Clone, Debug)]
#[must_use = "send it"]
pub struct Call {
    router: Router,
    described: Option<Arc<Description>>,
    names: Arc<Mutex<Names>>,
    method: Method,
    path: String,
    headers: Vec<(HeaderName, String)>,
    subject: Option<String>,
    scopes: Vec<String>,
    body: Option<String>,
}

impl Call {
    pub(super) fn new(
        router: Router,
        described: Option<Arc<Description>>,
        names: Arc<Mutex<Names>>,
        method: Method,
        path: &str,
    ) -> Self {
        let subject = Some(SUBJECT.to_owned());
        Self {
            router,
            described,
            names,
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            subject,
            scopes: Vec::new(),
            body: None,
        }
    }

    /// Another path or query.
    pub fn at(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// A query behind the path.
    pub fn query(mut self, query: &str) -> Self {
        self.path.push('?');
        self.path.push_str(query);
        self
    }

    /// The caller's token grants these scopes.
    pub fn scopes(mut self, scopes: &[&str]) -> Self {
        self.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self
    }

    /// Somebody else calls.
    pub fn subject(mut self, subject: &str) -> Self {
        self.subject = Some(subject.to_owned());
        self
    }

    /// Without a token.
    pub fn anonymous(mut self) -> Self {
        self.subject = None;
        self
    }

    /// A header, in place of what it was before.
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Without a header.
    pub fn no(mut self, name: &HeaderName) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// The version that is meant, as `If-Match`.
    pub fn if_match(self, version: i64) -> Self {
        self.header(header::IF_MATCH, format!("\"{version}\""))
    }

    /// An `Idempotency-Key`.
    pub fn key(self, key: &str) -> Self {
        self.header(IdempotencyKey::HEADER, key)
    }

    /// A body of JSON.
    pub fn json(self, body: impl Into<String>) -> Self {
        self.text("application/json", body)
    }

    /// A body of any type.
    pub fn text(mut self, kind: &str, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self.header(header::CONTENT_TYPE, kind)
    }

    /// Sends it, and holds the answer against the description of the service.
    ///
    /// # Panics
    /// When it is no request, the answer cannot be read, or it is not described.
    pub async fn send(self) -> Answer {
        let method = self.method.to_string();
        let request = format!("{method} {}", self.path);
        let mut builder = Request::builder().method(self.method).uri(&self.path);
        for (name, value) in &self.headers {
            let value = HeaderValue::from_str(value)
                .unwrap_or_else(|error| panic!("{request}: {name}: {error}"));
            builder = builder.header(name, value);
        }
        if let Some(subject) = &self.subject {
            let token = Tokens::mint(subject, &self.scopes);
            builder = builder.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = self.body.map_or_else(Body::empty, Body::from);
        let built = builder
            .body(body)
            .unwrap_or_else(|error| panic!("{request}: {error}"));
        let Ok(response) = self.router.oneshot(built).await;
        let (parts, body) = response.into_parts();
        let bytes = body
            .collect()
            .await
            .unwrap_or_else(|error| panic!("{request}: {error}"))
            .to_bytes();
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap_or_else(|_| text())
        };
        let answer = Answer {
            request,
            status: parts.status,
            headers: parts.headers,
            body,
            names: self.names,
        };
        if let Some(described) = &self.described {
            described.check(&method, &self.path, &answer);
        }
        answer
    }
}
