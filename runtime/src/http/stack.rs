//! The layers that every request passes, in one readable list.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::Method;
use tracing::{Instrument, Span};

use super::authenticate::authenticate;
use crate::auth::Authenticate;
use crate::context::{CorrelationHeader, Deadline, RequestContext};
use crate::problem::Problem;
use crate::telemetry::{Ended, Ending, HttpMetrics, Metrics, milliseconds, spans};
use crate::worker::panic_message;

/// What the standard layers need to know.
#[derive(Clone)]
pub struct Stack {
    /// Where requests are counted.
    pub metrics: Metrics,
    /// The longest that any request may take; endpoints declare shorter ones.
    pub timeout: Duration,
    /// The longest body that is read, in bytes.
    pub body_limit: usize,
    /// The header that carries the correlation identifier.
    pub correlation: CorrelationHeader,
    /// Verifies bearer tokens; without it, nobody is asked who they are.
    pub authenticator: Option<Arc<dyn Authenticate>>,
}

/// Puts the standard layers around a router: the first named is the outermost.
///
/// 1. context: trace, correlation and deadline, from the headers or new
/// 2. metrics and one line in the access log, with status 499 where the connection is closed before the answer
/// 3. a panic becomes a problem 500
/// 4. the deadline becomes a problem 504
/// 5. authentication
/// 6. the limit of the body
pub fn standard(router: Router, stack: Stack) -> Router {
    router
        .fallback(async || Problem::not_found("there is no such resource"))
        .method_not_allowed_fallback(async || {
            Problem::new(http::StatusCode::METHOD_NOT_ALLOWED)
                .with_detail("the resource does not know this method")
        })
        .layer(DefaultBodyLimit::max(stack.body_limit))
        .layer(middleware::from_fn_with_state(Arc::new(stack), around))
}

/// The longest body that is read, in bytes, for what is said of a longer one.
#[derive(Clone, Copy)]
pub(super) struct BodyLimit(pub(super) usize);

async fn around(State(stack): State<Arc<Stack>>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(BodyLimit(stack.body_limit));
    let deadline = Deadline::after(stack.timeout);
    let header = stack.correlation.clone();
    let context = RequestContext::from_headers(request.headers(), &header).with_deadline(deadline);
    let correlation = context.correlation_id.clone();
    let method = known_method(request.method());
    let span = spans::server(&context.trace, method, request.uri().path());
    let mut response = context
        .clone()
        .scope(observed(stack, context, request, next, span.clone()))
        .instrument(span)
        .await;
    header.write(&correlation, response.headers_mut());
    response
}

async fn observed(
    stack: Arc<Stack>,
    context: RequestContext,
    request: Request,
    next: Next,
    span: Span,
) -> Response {
    let asked = Asked {
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        route: request.extensions().get::<MatchedPath>().cloned(),
    };
    let http = stack.metrics.http().clone();
    http.began();
    let ending = Ending::of(move |ended| {
        http.ended();
        asked.told(&ended, &http, &span);
    });
    let response = AssertUnwindSafe(in_time(&stack, context, request, next))
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| panicked(panic.as_ref()));
    ending.answered(response.status());
    response
}

/// What was asked, for those who are told how it ended.
struct Asked {
    method: Method,
    path: String,
    route: Option<MatchedPath>,
}

impl Asked {
    fn told(&self, ended: &Ended, http: &HttpMetrics, span: &Span) {
        let Self { method, path, .. } = self;
        // A path that no route matches is no label: anybody could make new ones without end.
        let route = self.route.as_ref().map_or("unmatched", MatchedPath::as_str);
        let known = known_method(method);
        http.served(known, route, ended.status.as_str(), ended.took);
        spans::served(span, known, route, ended.status.as_u16());
        let (status, duration_ms) = (ended.status.as_u16(), milliseconds(ended.took));
        if !ended.answered {
            tracing::info!(http.method = %method, http.path = path, http.route = route, http.status_code = status, duration_ms, "the connection was closed before the request was answered");
        } else if status >= 500 {
            tracing::warn!(http.method = %method, http.path = path, http.route = route, http.status_code = status, duration_ms, "request failed");
        } else {
            tracing::info!(http.method = %method, http.path = path, http.route = route, http.status_code = status, duration_ms, "request served");
        }
    }
}

async fn in_time(stack: &Stack, context: RequestContext, request: Request, next: Next) -> Response {
    let deadline = context
        .deadline
        .unwrap_or_else(|| Deadline::after(stack.timeout));
    let work = async {
        match authenticate(stack.authenticator.as_deref(), context, request).await {
            Ok((context, request)) => context.within(next.run(request)).await,
            Err(problem) => problem.into_response(),
        }
    };
    match tokio::time::timeout_at(deadline.instant(), work).await {
        Ok(response) => response,
        Err(_) => {
            Problem::gateway_timeout("the deadline of the request has passed").into_response()
        }
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    Problem::internal(panic_message(panic)).into_response()
}

/// Methods as labels: anybody may send made-up ones.
pub(crate) fn known_method(method: &Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::{get, post};
    use http::StatusCode;
    use http_body_util::BodyExt;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpStream;
    use tower::ServiceExt;

    use super::*;
    use crate::http::{bind, serve};
    use crate::shutdown::Shutdown;

    fn stack() -> Stack {
        let timeout = Duration::from_millis(200);
        Stack {
            metrics: Metrics::new("test"),
            timeout,
            body_limit: 16,
            correlation: CorrelationHeader::default(),
            authenticator: None,
        }
    }

    fn router() -> Router {
        let panics = || async { panic!("boom") as &'static str };
        let hangs = || async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            "late"
        };
        let context = || async { RequestContext::current().correlation_id.to_string() };
        Router::new()
            .route("/panics", get(panics))
            .route("/hangs", get(hangs))
            .route("/context/{x}", get(context))
            .route("/echo", post(|body: String| async { body }))
    }

    async fn answer(
        stack: &Stack,
        request: http::request::Builder,
        body: &'static str,
    ) -> (Response, String) {
        let response = standard(router(), stack.clone())
            .oneshot(request.body(Body::from(body)).unwrap())
            .await;
        let (parts, body) = response.unwrap().into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        (Response::from_parts(parts, Body::empty()), text)
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_that_tells_nothing() {
        let (response, body) = answer(&stack(), http::Request::get("/panics"), "").await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!body.contains("boom"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_that_takes_too_long_is_a_timeout() {
        let (response, body) = answer(&stack(), http::Request::get("/hangs"), "").await;
        assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
        assert!(body.contains("deadline"));
    }

    #[tokio::test(start_paused = true)]
    async fn the_callers_deadline_shortens_ours() {
        let began = tokio::time::Instant::now();
        answer(
            &stack(),
            http::Request::get("/hangs").header("x-deadline-ms", "50"),
            "",
        )
        .await;
        assert_eq!(began.elapsed(), Duration::from_millis(50));
    }

    #[tokio::test]
    async fn the_correlation_reaches_the_handler_and_goes_back() {
        let request = http::Request::get("/context/1").header("x-correlation-id", "c-7");
        let (response, body) = answer(&stack(), request, "").await;
        assert_eq!(response.headers()["x-correlation-id"], "c-7");
        assert_eq!(body, "c-7");
    }

    #[tokio::test]
    async fn the_header_of_the_correlation_can_be_another() {
        let stack = Stack {
            correlation: CorrelationHeader::from_static("x-trail"),
            ..stack()
        };
        let request = http::Request::get("/context/1").header("X-Trail", "c-8");
        let (response, body) = answer(&stack, request, "").await;
        assert_eq!(
            (response.headers()["x-trail"].as_bytes(), body.as_str()),
            (&b"c-8"[..], "c-8")
        );
        assert!(!response.headers().contains_key("x-correlation-id"));
    }

    #[tokio::test]
    async fn requests_are_counted_by_route_and_not_by_path() {
        let stack = stack();
        answer(&stack, http::Request::get("/context/1"), "").await;
        answer(&stack, http::Request::get("/context/2"), "").await;
        answer(&stack, http::Request::get("/made-up"), "").await;
        let text = stack.metrics.render();
        let count = |route: &str, status: &str, n: u8| {
            format!(
                "http_requests_total{{service=\"test\",method=\"GET\",route=\"{route}\",status_code=\"{status}\"}} {n}"
            )
        };
        assert!(text.contains(&count("/context/{x}", "200", 2)), "{text}");
        assert!(text.contains(&count("unmatched", "404", 1)), "{text}");
        assert!(
            text.contains("http_requests_in_flight{service=\"test\"} 0"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn a_request_whose_connection_is_closed_is_counted_and_timed() {
        let stack = Stack {
            timeout: Duration::from_secs(60),
            ..stack()
        };
        let (listener, shutdown) = (bind(([127, 0, 0, 1], 0).into()).await, Shutdown::new());
        let listener = listener.unwrap();
        let mut caller = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let served = standard(router(), stack.clone());
        tokio::spawn(serve(listener, served, shutdown.clone(), Duration::ZERO));
        caller
            .write_all(b"GET /hangs HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        let shows = async |line: &str| {
            let seen = async {
                while !stack.metrics.render().contains(line) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            let seen = tokio::time::timeout(Duration::from_secs(10), seen).await;
            assert!(seen.is_ok(), "{line}: {}", stack.metrics.render());
        };
        shows("http_requests_in_flight{service=\"test\"} 1").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(caller);
        shows("http_requests_in_flight{service=\"test\"} 0").await;
        let labels = "service=\"test\",method=\"GET\",route=\"/hangs\",status_code=\"499\"";
        shows(&format!("http_requests_total{{{labels}}} 1")).await;
        // All the time until then counts.
        let text = stack.metrics.render();
        let sum = format!("http_request_duration_seconds_sum{{{labels}}} ");
        let sum = text.lines().find_map(|line| line.strip_prefix(&sum));
        let seconds: f64 = sum.unwrap().parse().unwrap();
        assert!((0.05..10.0).contains(&seconds), "{seconds}");
        shutdown.trigger();
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused() {
        let (response, _) =
            answer(&stack(), http::Request::post("/echo"), "12345678901234567").await;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn unknown_paths_and_methods_are_problems() {
        let (missing, body) = answer(&stack(), http::Request::get("/nowhere"), "").await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
        assert!(body.contains("about:blank"), "{body}");
        let (wrong, body) = answer(&stack(), http::Request::delete("/echo"), "").await;
        assert_eq!(wrong.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert!(body.contains("about:blank"), "{body}");
        assert_eq!(wrong.headers()["allow"], "POST");
    }
}
