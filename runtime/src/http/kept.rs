//! HTTP caching: how an answer may be kept between the service and whoever asks (RFC 9111), and when it need not be sent again
//! (RFC 9110, 13.1.2).
//!
//! **Who may keep it.** `public` is said only of an operation that is declared public, to a request that brings no
//! credentials (`Authorization` or `Cookie`). Every other answer is `private` and without `s-maxage`: the shared caches on its
//! way must not keep it, since RFC 9111, 3.5 would let them once `public` or `s-maxage` were there. `Vary: Authorization`
//! goes with both, so that no cache gives what an anonymous caller got to one with a token, or the other way round.
//!
//! **For how long.** An edge can be emptied by key (`Surrogate-Key`: the entity, and the entity with the identifier), a browser
//! cannot; so `s-maxage` is the edge's declared time and `max-age` no more than that of the service's own memory. Answers
//! other than success are kept by nobody.

use std::time::Duration;

use axum::RequestExt;
use axum::body::Body;
use axum::extract::{RawPathParams, Request};
use axum::response::Response;
use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};

use crate::problem::Problem;

const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");

/// For how long an answer may be kept outside of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What the answer shows one of: the key by which an edge can be emptied.
    pub of: &'static str,
    /// How long who asks may keep it.
    pub private: Duration,
    /// How long an edge may keep it.
    pub shared: Duration,
    /// How long after that an edge may still give it while it asks again.
    pub stale: Duration,
}

/// What has to be known of a request before it goes to its handler.
pub(super) struct Asked {
    anonymous: bool,
    conditional: bool,
    known: Vec<String>,
    id: Option<String>,
}

impl Asked {
    pub(super) async fn of(request: &mut Request) -> Self {
        let headers = request.headers();
        let known = headers.get_all(IF_NONE_MATCH).iter();
        let known = known.filter_map(|value| value.to_str().ok());
        let known = known
            .flat_map(|value| value.split(','))
            .map(opaque)
            .map(str::to_owned);
        let known = known.collect();
        let anonymous = !headers.contains_key(AUTHORIZATION) && !headers.contains_key(COOKIE);
        let conditional = matches!(*request.method(), Method::GET | Method::HEAD);
        let parameters = request.extract_parts::<RawPathParams>().await.ok();
        let id = parameters.and_then(|parameters| {
            let mut values = parameters.iter().map(|(_, value)| value.to_owned());
            values
                .next()
                .filter(|id| id.bytes().all(|byte| byte.is_ascii_graphic()))
        });
        Self {
            anonymous,
            conditional,
            known,
            id,
        }
    }
}

impl Kept {
    /// Says on an answer how it may be kept, and leaves its body out where the caller has it already.
    pub(super) async fn answer(self, asked: &Asked, public: bool, response: Response) -> Response {
        if !response.status().is_success() {
            return unkept(response);
        }
        let mut response = match tagged(response).await {
            Ok(response) => response,
            Err(problem) => return unkept(problem),
        };
        let headers = response.headers_mut();
        let control = self.control(public && asked.anonymous);
        put(headers, CACHE_CONTROL, &control);
        headers.append(VARY, HeaderValue::from_static("authorization"));
        match &asked.id {
            Some(id) => put(
                headers,
                SURROGATE_KEY,
                &format!("{of} {of}:{id}", of = self.of),
            ),
            None => put(headers, SURROGATE_KEY, self.of),
        }
        if asked.conditional && asked.knows(headers) {
            headers.remove(CONTENT_LENGTH);
            headers.remove(CONTENT_TYPE);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Body::empty();
        }
        response
    }

    fn control(self, public: bool) -> String {
        let private = self.private.as_secs();
        if !public {
            return match private {
                0 => "private, no-cache".to_owned(),
                _ => format!("private, max-age={private}"),
            };
        }
        let (shared, stale) = (self.shared.as_secs(), self.stale.as_secs());
        if shared == 0 {
            return "public, no-cache".to_owned();
        }
        let mut control = format!("public, max-age={private}, s-maxage={shared}");
        if stale > 0 {
            control.push_str(&format!(", stale-while-revalidate={stale}"));
        }
        control
    }
}

impl Asked {
    fn knows(&self, headers: &HeaderMap) -> bool {
        let tag = headers.get(ETAG).and_then(|tag| tag.to_str().ok());
        tag.is_some_and(|tag| {
            self.known
                .iter()
                .any(|known| known == "*" || known == opaque(tag))
        })
    }
}

/// An entity tag for weak comparison.
fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag)
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn unkept(response: impl axum::response::IntoResponse) -> Response {
    let mut response = response.into_response();
    let control = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .entry(CACHE_CONTROL)
        .or_insert(control);
    response
}

/// An answer with an entity tag: the version of its record, or else what its body hashes to.
async fn tagged(response: Response) -> Result<Response, Problem> {
    if response.headers().contains_key(ETAG) {
        return Ok(response);
    }
    let (mut parts, body) = response.into_parts();
    let body = body.collect().await.map_err(Problem::internal)?.to_bytes();
    let digest = Sha256::digest(&body);
    let tag = digest[..16].iter().map(|byte| format!("{byte:02x}"));
    put(
        &mut parts.headers,
        ETAG,
        &format!("\"{}\"", tag.collect::<String>()),
    );
    Ok(Response::from_parts(parts, Body::from(body)))
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;
    use crate::http::{Json, Path, Versioned, endpoint};
    use crate::problem::Result;

    const KEPT: Kept = Kept {
        of: "products",
        private: Duration::from_secs(60),
        shared: Duration::from_secs(3600),
        stale: Duration::from_secs(300),
    };

    async fn read(Path(id): Path<u32>) -> Result<Versioned<u32>> {
        match id {
            404 => Err(Problem::not_found("it is not there")),
            _ => Ok(Versioned {
                version: 7,
                body: id,
            }),
        }
    }

    async fn asked(path: &str, headers: &[(&str, &str)]) -> Response {
        let open = endpoint("read").public();
        let briefly = Kept {
            private: Duration::ZERO,
            shared: Duration::ZERO,
            ..KEPT
        };
        let router = Router::new()
            .route("/open/{id}", get(read).layer(open.kept(KEPT)))
            .route("/brief/{id}", get(read).layer(open.kept(briefly)))
            .route("/plain", get(async || Json("text")).layer(open.kept(KEPT)))
            .route("/unkept/{id}", get(read).layer(open));
        let mut request = http::Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        router
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap()
    }

    fn header<'r>(response: &'r Response, name: &str) -> &'r str {
        response
            .headers()
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn a_public_answer_to_a_stranger_may_be_kept_by_everybody_and_emptied_by_key() {
        let answer = asked("/open/1", &[]).await;
        let control = "public, max-age=60, s-maxage=3600, stale-while-revalidate=300";
        assert_eq!(header(&answer, "cache-control"), control);
        assert_eq!(header(&answer, "surrogate-key"), "products products:1");
        assert_eq!(header(&answer, "vary"), "authorization");
        assert_eq!(header(&answer, "etag"), "\"7\"");
    }

    #[tokio::test]
    async fn what_is_answered_to_credentials_never_becomes_public() {
        for credentials in ["authorization", "cookie"] {
            let answer = asked("/open/1", &[(credentials, "Bearer x")]).await;
            assert_eq!(header(&answer, "cache-control"), "private, max-age=60");
            assert_eq!(header(&answer, "vary"), "authorization");
        }
        // Only a declared public operation may say so, whoever asks.
        let asked = Asked {
            anonymous: true,
            conditional: true,
            known: Vec::new(),
            id: None,
        };
        let answer = KEPT.answer(&asked, false, Response::default()).await;
        assert_eq!(header(&answer, "cache-control"), "private, max-age=60");
    }

    #[tokio::test]
    async fn who_has_it_already_is_told_so_without_a_body() {
        for tag in ["\"7\"", "W/\"7\"", "\"3\", \"7\"", "*"] {
            let answer = asked("/open/1", &[("if-none-match", tag)]).await;
            assert_eq!(answer.status(), StatusCode::NOT_MODIFIED, "{tag}");
            assert_eq!(header(&answer, "etag"), "\"7\"");
            assert!(header(&answer, "cache-control").starts_with("public"));
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            assert!(body.is_empty());
        }
        let answer = asked("/open/1", &[("if-none-match", "\"6\"")]).await;
        assert_eq!(answer.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_body_without_a_version_is_known_by_its_digest() {
        let first = asked("/plain", &[]).await;
        let tag = header(&first, "etag").to_owned();
        assert_eq!(tag.len(), 34, "{tag}");
        assert_eq!(header(&first, "surrogate-key"), "products");
        let again = asked("/plain", &[("if-none-match", &tag)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn a_refusal_is_kept_by_nobody_and_an_answer_without_time_is_asked_for_again() {
        let missing = asked("/open/404", &[("if-none-match", "*")]).await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
        assert_eq!(header(&missing, "cache-control"), "no-store");
        let brief = asked("/brief/1", &[]).await;
        assert_eq!(header(&brief, "cache-control"), "public, no-cache");
        let unkept = asked("/unkept/1", &[]).await;
        assert_eq!(header(&unkept, "cache-control"), "");
    }
}
