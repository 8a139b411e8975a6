//! Cross-origin resource sharing, as the Fetch standard has it.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

/// What pages of other origins may do.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    /// Origins that may ask; `*` for all.
    pub allowed_origins: Vec<String>,
    /// Methods that they may use.
    pub allowed_methods: Vec<Method>,
    /// Headers that they may send.
    pub allowed_headers: Vec<String>,
    /// Headers of answers that they may read, besides those that the standard lets everybody read.
    pub exposed_headers: Vec<String>,
    /// How long a browser remembers this.
    pub max_age: Option<Duration>,
}

impl Cors {
    /// The answer to a browser's question before the request, if this is one.
    pub(super) fn preflight(&self, method: &Method, headers: &HeaderMap) -> Option<Response> {
        if method != Method::OPTIONS || !headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
        {
            return None;
        }
        let mut response = StatusCode::NO_CONTENT.into_response();
        if let Some(origin) = self.allowed(headers) {
            let methods: Vec<_> = self.allowed_methods.iter().map(Method::as_str).collect();
            let out = response.headers_mut();
            out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            put(
                out,
                header::ACCESS_CONTROL_ALLOW_METHODS,
                &methods.join(", "),
            );
            put(
                out,
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                &self.allowed_headers.join(", "),
            );
            if let Some(age) = self.max_age {
                put(
                    out,
                    header::ACCESS_CONTROL_MAX_AGE,
                    &age.as_secs().to_string(),
                );
            }
        }
        response
            .headers_mut()
            .insert(header::VARY, HeaderValue::from_static("Origin"));
        Some(response)
    }

    /// What the answer may be told to.
    pub(super) fn mark(&self, request: &HeaderMap, response: &mut Response) {
        if let Some(origin) = self.allowed(request) {
            let out = response.headers_mut();
            out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            if !self.exposed_headers.is_empty() {
                put(
                    out,
                    header::ACCESS_CONTROL_EXPOSE_HEADERS,
                    &self.exposed_headers.join(", "),
                );
            }
        }
        response
            .headers_mut()
            .append(header::VARY, HeaderValue::from_static("Origin"));
    }

    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        let text = origin.to_str().ok()?;
        if self.allowed_origins.iter().any(|allowed| allowed == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        self.allowed_origins
            .iter()
            .any(|allowed| allowed == text)
            .then(|| origin.clone())
    }
}

fn put(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
