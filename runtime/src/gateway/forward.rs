//! Hands a request on to its service, and the answer back; again where that is safe.

use std::error::Error as StdError;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::Instant;

use super::builder::Bound;
use super::headers::{end_of_hop, forwarded};
use super::pipeline::Visit;
use crate::client::{TransportError, safe_to_repeat};
use crate::context::{Deadline, RequestContext};
use crate::problem::Problem;

/// Bodies up to this size are kept, so that the request can be sent again; longer ones pass through once.
const KEPT: u64 = 64 * 1024;

/// A body on its way.
enum Load {
    Kept(Bytes),
    Passing(Option<Body>),
}

pub(super) async fn forward(bound: &Bound, visit: Visit) -> Response {
    let hurried = visit
        .context
        .deadline
        .is_some_and(|deadline| deadline.remaining() < bound.route.timeout);
    let context = visit
        .context
        .with_deadline(Deadline::after(bound.route.timeout));
    let until = context
        .deadline
        .map_or_else(Instant::now, Deadline::instant);
    let (mut parts, body) = visit.request.into_parts();
    if announced(&parts) > bound.route.body_limit {
        return too_large();
    }
    end_of_hop(&mut parts.headers);
    forwarded(&mut parts.headers, visit.peer);
    let work = async {
        let load = match load(bound, &parts, body).await {
            Ok(load) => load,
            Err(problem) => return problem.into_response(),
        };
        tried(bound, &context, &parts, load, hurried).await
    };
    match tokio::time::timeout_at(until, work).await {
        Ok(response) => response,
        Err(_) => late(bound),
    }
}

fn late(bound: &Bound) -> Response {
    Problem::gateway_timeout(format!("{} did not answer in time", bound.route.service))
        .into_response()
}

fn too_large() -> Response {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE)
        .with_detail("the body is larger than the route takes")
        .into_response()
}

fn announced(parts: &Parts) -> u64 {
    let length = parts
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// Keeps the body if the request may be sent again.
async fn load(bound: &Bound, parts: &Parts, body: Body) -> Result<Load, Problem> {
    let short = parts.headers.contains_key(header::CONTENT_LENGTH) && announced(parts) <= KEPT;
    let none = !parts.headers.contains_key(header::CONTENT_LENGTH)
        && hyper::body::Body::is_end_stream(&body);
    if none || (short && repeatable(bound, parts)) {
        let bytes = body
            .collect()
            .await
            .map_err(|_| Problem::bad_request("the body broke off"))?;
        return Ok(Load::Kept(bytes.to_bytes()));
    }
    let limit = usize::try_from(bound.route.body_limit).unwrap_or(usize::MAX);
    Ok(Load::Passing(Some(Body::new(Limited::new(body, limit)))))
}

fn repeatable(bound: &Bound, parts: &Parts) -> bool {
    if bound.retry.max_attempts <= 1 || !safe_to_repeat(&parts.method, &parts.headers) {
        return false;
    }
    let named = |methods: &Vec<Method>| methods.contains(&parts.method);
    // Where the route goes by the key, it makes any method repeatable; a list of methods narrows down those without one.
    if parts.method.is_idempotent() {
        bound.route.retry_methods.as_ref().is_none_or(named)
    } else {
        bound.route.keyed_retries
    }
}

async fn tried(
    bound: &Bound,
    context: &RequestContext,
    parts: &Parts,
    mut load: Load,
    hurried: bool,
) -> Response {
    let mut attempt = 1;
    loop {
        let again = matches!(load, Load::Kept(_)) && repeatable(bound, parts);
        let body = match &mut load {
            Load::Kept(bytes) => Body::from(bytes.clone()),
            Load::Passing(body) => body.take().unwrap_or_else(Body::empty),
        };
        let response = guarded(bound, context, parts, body, hurried).await;
        let busy = matches!(
            response.status(),
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
        );
        let Some(pause) = bound.retry.pause_after(attempt).filter(|_| again && busy) else {
            return response;
        };
        tracing::warn!(
            route = bound.route.path,
            attempt,
            "request failed and is tried again"
        );
        tokio::time::sleep(pause).await;
        attempt += 1;
    }
}

/// One try, if the breaker lets it through.
async fn guarded(
    bound: &Bound,
    context: &RequestContext,
    parts: &Parts,
    body: Body,
    hurried: bool,
) -> Response {
    let permit = match bound.breaker.as_ref().map(|breaker| breaker.admit()) {
        Some(Err(open)) => {
            let detail = format!("{} is not available now", bound.route.service);
            return Problem::unavailable(detail, Some(open.retry_after)).into_response();
        }
        Some(Ok(permit)) => Some(permit),
        None => None,
    };
    let guard = TimeoutCounts { permit, hurried };
    let outcome = sent(bound, context, parts, body).await;
    let failed = match &outcome {
        Ok(response) => response.status().is_server_error(),
        Err(Failed::Unreachable(_)) => true,
        Err(Failed::TooLarge | Failed::Unwritable) => return guard.unheard(too_large()),
    };
    guard.heard(failed);
    match outcome {
        Ok(response) => response,
        Err(Failed::Unreachable(error)) => {
            Problem::bad_gateway(format!("{} could not be reached", bound.route.service))
                .with_source(error)
                .into_response()
        }
        Err(Failed::TooLarge | Failed::Unwritable) => too_large(),
    }
}

/// A permit that counts as a failure when the route's own timeout drops it, and as nothing when an impatient caller's does.
struct TimeoutCounts {
    permit: Option<crate::resilience::Permit>,
    hurried: bool,
}

impl TimeoutCounts {
    fn heard(mut self, failed: bool) {
        match self.permit.take() {
            Some(permit) if failed => permit.failure(),
            Some(permit) => permit.success(),
            None => {}
        }
    }

    fn unheard(mut self, response: Response) -> Response {
        drop(self.permit.take());
        response
    }
}

impl Drop for TimeoutCounts {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take()
            && !self.hurried
        {
            permit.failure();
        }
    }
}

enum Failed {
    Unreachable(TransportError),
    TooLarge,
    Unwritable,
}

async fn sent(
    bound: &Bound,
    context: &RequestContext,
    parts: &Parts,
    body: Body,
) -> Result<Response, Failed> {
    let path = parts.uri.path();
    let path = match &bound.rewrite {
        Some(to) => bound.pattern.rewritten(path, to),
        None => path.to_owned(),
    };
    let query = parts
        .uri
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let request = Request::builder()
        .method(parts.method.clone())
        .uri(format!("{}{path}{query}", bound.base));
    let mut request = request.body(body).map_err(|_| Failed::Unwritable)?;
    *request.headers_mut() = parts.headers.clone();
    context
        .child()
        .write_headers(request.headers_mut(), &bound.correlation);
    let response = bound.transport.send(request).await.map_err(|error| {
        if over_the_limit(&error) {
            Failed::TooLarge
        } else {
            Failed::Unreachable(error)
        }
    })?;
    let mut response = response.map(Body::new);
    end_of_hop(response.headers_mut());
    Ok(response)
}

/// Whether the body was cut off by our own limit.
fn over_the_limit(error: &TransportError) -> bool {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        if error.is::<LengthLimitError>() {
            return true;
        }
        next = error.source();
    }
    false
}
