//! Sends a call, again if it is worth it, within breaker, bulkhead and deadline.

use std::time::{Duration, Instant};

use axum::body::Body;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt, Limited};
use tracing::Instrument;

use super::error::ClientError;
use super::policy::{retryable_status, safe_to_repeat};
use super::request::{Answer, CallRequest};
use super::transport::TransportError;
use crate::context::{RequestContext, TraceContext};
use crate::problem::Problem;
use crate::resilience::Permit;
use crate::telemetry::spans;

/// The longest answer that is read.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

pub(super) async fn call(request: &CallRequest) -> Result<Answer, ClientError> {
    let began = Instant::now();
    let outcome = tried(request).await;
    let word = match &outcome {
        Ok(_) => "ok",
        Err(error) => error.word(),
    };
    let shared = &request.client.0;
    let labels = [
        shared.target.as_str(),
        request.method.as_str(),
        &request.template,
        word,
    ];
    shared
        .meters
        .duration
        .observe(labels, began.elapsed().as_secs_f64());
    outcome
}

/// Tries until it succeeds, is not worth another try, or there is no time left.
async fn tried(request: &CallRequest) -> Result<Answer, ClientError> {
    let shared = &request.client.0;
    if shared.base.is_empty() {
        return Err(ClientError::Nowhere {
            target: shared.target.clone(),
        });
    }
    let asked = RequestContext::try_current();
    let context = asked.clone().unwrap_or_else(RequestContext::root);
    let repeatable = safe_to_repeat(&request.method, &request.headers);
    let mut attempt = 1;
    loop {
        // Under the work that asks for it; where none does, a try begins a trace.
        let trace = asked
            .as_ref()
            .map_or_else(TraceContext::root, |asked| asked.trace.child());
        let context = RequestContext {
            trace,
            ..context.clone()
        };
        let error = match traced(request, &context, attempt).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let Some(pause) = shared
            .policy
            .retry
            .pause_after(attempt)
            .filter(|_| repeatable && error.retryable())
        else {
            return Err(error);
        };
        // The other side may know better when it is worth coming back.
        let pause = pause.max(error.retry_after().unwrap_or_default());
        if context
            .deadline
            .is_some_and(|deadline| deadline.remaining() <= pause)
        {
            return Err(error);
        }
        let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(target = shared.target, attempt, pause_ms, error = %error, "call failed and is tried again");
        shared.meters.retries.inc([&shared.target]);
        tokio::time::sleep(pause).await;
        attempt += 1;
    }
}

/// One try, as a span of its own.
async fn traced(
    request: &CallRequest,
    context: &RequestContext,
    attempt: u32,
) -> Result<Answer, ClientError> {
    let shared = &request.client.0;
    let (method, template) = (&request.method, &request.template);
    let server = (shared.target.as_str(), shared.base.as_str());
    let span = spans::client(&context.trace, method, template, server, attempt);
    let outcome = guarded(request, context).instrument(span.clone()).await;
    match &outcome {
        Ok(answer) => {
            span.record("http.response.status_code", answer.status.as_u16());
        }
        Err(error) => {
            if let ClientError::Status { problem, .. } = error {
                span.record("http.response.status_code", problem.status().as_u16());
            }
            if !span.is_disabled() {
                spans::failed(&span, error.word(), &error.to_string());
            }
        }
    }
    outcome
}

/// One try behind bulkhead and breaker.
async fn guarded(request: &CallRequest, context: &RequestContext) -> Result<Answer, ClientError> {
    let shared = &request.client.0;
    let target = || shared.target.clone();
    let left = context.deadline.map(|deadline| deadline.remaining());
    if left == Some(Duration::ZERO) {
        return Err(ClientError::Deadline { target: target() });
    }
    let hurried = left.is_some_and(|left| left < request.timeout);
    let time = left.map_or(request.timeout, |left| left.min(request.timeout));
    let mut permit = None;
    let work = async {
        let _place = match &shared.bulkhead {
            Some(bulkhead) => Some(
                bulkhead
                    .enter()
                    .await
                    .map_err(|_| ClientError::Full { target: target() })?,
            ),
            None => None,
        };
        permit = match &shared.breaker {
            Some(breaker) => Some(breaker.admit().map_err(|open| ClientError::Open {
                target: target(),
                retry_after: open.retry_after,
            })?),
            None => None,
        };
        sent(request, context).await
    };
    let outcome = match tokio::time::timeout(time, work).await {
        Ok(outcome) => outcome,
        Err(_) if hurried => Err(ClientError::Deadline { target: target() }),
        Err(_) => Err(ClientError::Timeout {
            target: target(),
            after: request.timeout,
        }),
    };
    if let Some(permit) = permit {
        judge(permit, &outcome);
    }
    outcome
}

/// Tells the breaker. A deadline that the caller set says nothing about the one called, or impatient callers could open it.
fn judge(permit: Permit, outcome: &Result<Answer, ClientError>) {
    match outcome {
        Ok(_) => permit.success(),
        Err(ClientError::Status { problem, .. }) if !problem.status().is_server_error() => {
            permit.success()
        }
        Err(ClientError::Deadline { .. }) => drop(permit),
        Err(_) => permit.failure(),
    }
}

/// One try on the wire.
async fn sent(request: &CallRequest, context: &RequestContext) -> Result<Answer, ClientError> {
    let shared = &request.client.0;
    let lost = |source| ClientError::Transport {
        target: shared.target.clone(),
        source,
    };
    let response = shared
        .transport
        .send(written(request, context)?)
        .await
        .map_err(lost)?;
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, ANSWER_LIMIT).collect().await;
    let body = body
        .map_err(|error| lost(TransportError::Body(error.to_string())))?
        .to_bytes();
    if parts.status.is_client_error() || parts.status.is_server_error() {
        let problem = Problem::from_response(parts.status, &parts.headers, &body);
        return Err(ClientError::Status {
            target: shared.target.clone(),
            problem,
        });
    }
    Ok(Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    })
}

fn written(request: &CallRequest, context: &RequestContext) -> Result<Request<Body>, ClientError> {
    let shared = &request.client.0;
    let wrong = |reason: String| ClientError::Request {
        target: shared.target.clone(),
        reason,
    };
    let mut out = Request::builder()
        .method(request.method.clone())
        .uri(format!("{}{}", shared.base, request.path))
        .body(Body::from(request.body.clone()))
        .map_err(|error| wrong(error.to_string()))?;
    *out.headers_mut() = request.headers.clone();
    let headers = out.headers_mut();
    headers.insert(
        header::ACCEPT,
        HeaderValue::from_static("application/json, application/problem+json"),
    );
    context.write_headers(headers, &shared.correlation);
    if let Some(token) = shared.call_as.token(context, shared.own_token.as_deref()) {
        let value = HeaderValue::from_str(&format!("Bearer {}", token.token()));
        let mut value = value.map_err(|_| wrong("the token is not plain text".to_owned()))?;
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
    Ok(out)
}

impl ClientError {
    /// Whether another try may do better, for a request that may be repeated.
    fn retryable(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Transport { .. } => true,
            Self::Status { problem, .. } => retryable_status(problem.status()),
            _ => false,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { problem, .. } => problem.retry_after(),
            _ => None,
        }
    }

    /// The word for the metrics.
    fn word(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Full { .. } => "full",
            Self::Deadline { .. } => "deadline",
            Self::Timeout { .. } => "timeout",
            Self::Transport { .. } => "transport",
            Self::Status { problem, .. } if problem.status().is_server_error() => "server_error",
            Self::Status { .. } => "client_error",
            Self::Decode { .. } => "unreadable",
            Self::Address { .. } | Self::Nowhere { .. } | Self::Request { .. } => "not_sent",
        }
    }
}
