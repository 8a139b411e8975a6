//! The gateway in front of real services on loopback.

mod doors;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;
use crate::auth::{AuthError, Authenticate};
use crate::context::{CorrelationHeader, Subject};
use crate::http::{bind, serve};
use crate::rate_limit::RateLimitPolicy;
use crate::resilience::BreakerPolicy;
use crate::shutdown::Shutdown;

struct Upstream {
    address: String,
    calls: Arc<AtomicU32>,
    shutdown: Shutdown,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.shutdown.trigger();
    }
}

impl Upstream {
    fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }
}

/// A service that answers by script: the number of the call and what came.
async fn upstream<F, R>(script: F) -> Upstream
where
    F: Fn(u32, Request) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response> + Send + 'static,
{
    let calls = Arc::new(AtomicU32::new(0));
    let count = calls.clone();
    let router = Router::new().fallback(move |request: Request| {
        let n = count.fetch_add(1, Ordering::SeqCst) + 1;
        script(n, request)
    });
    let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let shutdown = Shutdown::new();
    tokio::spawn(serve(listener, router, shutdown.clone(), Duration::ZERO));
    Upstream {
        address,
        calls,
        shutdown,
    }
}

async fn echo() -> Upstream {
    upstream(|_, request| async move {
        let (parts, body) = request.into_parts();
        let length = body
            .collect()
            .await
            .map(|b| b.to_bytes().len())
            .unwrap_or(0);
        let header = |name: &str| {
            parts
                .headers
                .get(name)
                .and_then(|v| v.to_str().ok())
                .unwrap_or("-")
                .to_owned()
        };
        let seen = [
            header("traceparent"),
            header("x-forwarded-for"),
            header("authorization"),
            header("te"),
        ];
        format!("{} {} {length} {}", parts.method, parts.uri, seen.join(" ")).into_response()
    })
    .await
}

async fn failing_until(call: u32, status: StatusCode) -> Upstream {
    upstream(
        move |n, _| async move { if n < call { status } else { StatusCode::OK }.into_response() },
    )
    .await
}

/// A gateway with one route, for everybody.
fn gateway(upstream: &Upstream, route: Route) -> GatewayBuilder {
    Gateway::builder()
        .route(route.public())
        .upstream("things", &upstream.address)
}

async fn ask(
    gateway: &Gateway,
    request: http::request::Builder,
    body: &'static str,
) -> (StatusCode, HeaderMap, String) {
    let mut request = request.body(axum::body::Body::from(body)).unwrap();
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 9], 5000))));
    let response = gateway.router().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    (parts.status, parts.headers, text)
}

async fn get(gateway: &Gateway, path: &str) -> (StatusCode, String) {
    let (status, _, body) = ask(gateway, http::Request::get(path), "").await;
    (status, body)
}

fn post(path: &str, body: &str) -> http::request::Builder {
    http::Request::post(path).header("content-length", body.len())
}

#[tokio::test]
async fn a_request_goes_on_with_its_path_rewritten_and_its_query_kept() {
    let up = echo().await;
    let gateway = gateway(
        &up,
        Route::new("/api/things/*", "things").rewrite("/things"),
    )
    .build()
    .unwrap();
    let (status, body) = get(&gateway, "/api/things/7?x=1").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.starts_with("GET /things/7?x=1 0"), "{body}");
    assert_eq!(get(&gateway, "/api/thingsX").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_header_of_the_correlation_can_be_another() {
    let up = echo().await;
    let header = CorrelationHeader::from_static("x-trail");
    let gateway = gateway(&up, Route::new("/*", "things")).correlation_header(header);
    let request = http::Request::get("/x").header("x-trail", "c-2");
    let (_, headers, _) = ask(&gateway.build().unwrap(), request, "").await;
    assert_eq!(headers["x-trail"], "c-2");
    assert!(!headers.contains_key("x-correlation-id"));
}

#[tokio::test]
async fn context_and_origin_go_along_and_headers_of_the_hop_do_not() {
    let up = echo().await;
    let gateway = gateway(&up, Route::new("/*", "things")).build().unwrap();
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = http::Request::get("/x")
        .header("traceparent", trace)
        .header("te", "trailers")
        .header("x-correlation-id", "c-1")
        .header("x-forwarded-for", "6.6.6.6");
    let (_, headers, body) = ask(&gateway, request, "").await;
    assert!(
        body.contains("0af7651916cd43dd8448eb211c80319c") && !body.contains("b7ad6b7169203331"),
        "{body}"
    );
    assert!(
        body.contains("10.0.0.9") && !body.contains("6.6.6.6"),
        "{body}"
    );
    assert!(body.ends_with("-"), "{body}");
    assert_eq!(headers["x-correlation-id"], "c-1");
}

#[tokio::test]
async fn paths_that_could_climb_out_are_refused() {
    let up = echo().await;
    let gateway = gateway(&up, Route::new("/api/*", "things"))
        .build()
        .unwrap();
    for path in ["/api/../admin", "/api/%2e%2e/admin", "/api//x"] {
        assert_eq!(
            get(&gateway, path).await.0,
            StatusCode::BAD_REQUEST,
            "{path}"
        );
    }
    assert_eq!(up.calls(), 0);
}

#[tokio::test]
async fn a_wrong_method_is_told_with_those_that_are_right() {
    let up = echo().await;
    let gateway = gateway(
        &up,
        Route::new("/x", "things").methods([Method::GET, Method::PUT]),
    )
    .build()
    .unwrap();
    let (status, headers, _) = ask(&gateway, http::Request::delete("/x"), "").await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(headers["allow"], "GET, PUT");
}

#[tokio::test]
async fn the_most_specific_route_is_taken_whatever_the_order() {
    let (one, two) = (
        echo().await,
        failing_until(99, StatusCode::IM_A_TEAPOT).await,
    );
    let gateway = Gateway::builder()
        .route(Route::new("/api/*", "two").public())
        .route(Route::new("/api/things/*", "one").public())
        .upstream("one", &one.address)
        .upstream("two", &two.address)
        .build()
        .unwrap();
    assert_eq!(get(&gateway, "/api/things/7").await.0, StatusCode::OK);
    assert_eq!(get(&gateway, "/api/other").await.0, StatusCode::IM_A_TEAPOT);
}

#[tokio::test]
async fn safe_requests_are_tried_again_and_others_only_with_a_key_where_the_route_goes_by_it() {
    let route = || Route::new("/x", "things").max_attempts(3);

    let up = failing_until(3, StatusCode::SERVICE_UNAVAILABLE).await;
    let safe = gateway(&up, route()).build().unwrap();
    assert_eq!((get(&safe, "/x").await.0, up.calls()), (StatusCode::OK, 3));

    let up = failing_until(3, StatusCode::SERVICE_UNAVAILABLE).await;
    let unsafe_ = gateway(&up, route()).build().unwrap();
    let (status, ..) = ask(&unsafe_, post("/x", "{}"), "{}").await;
    assert_eq!((status, up.calls()), (StatusCode::SERVICE_UNAVAILABLE, 1));

    let with_key = || post("/x", "{}").header("idempotency-key", "k");
    let up = failing_until(3, StatusCode::SERVICE_UNAVAILABLE).await;
    let unaware = gateway(&up, route()).build().unwrap();
    let (status, ..) = ask(&unaware, with_key(), "{}").await;
    assert_eq!((status, up.calls()), (StatusCode::SERVICE_UNAVAILABLE, 1));

    let up = failing_until(3, StatusCode::SERVICE_UNAVAILABLE).await;
    let keyed = gateway(&up, route().keyed_retries()).build().unwrap();
    let (status, ..) = ask(&keyed, with_key(), "{}").await;
    assert_eq!((status, up.calls()), (StatusCode::OK, 3));
}

#[tokio::test]
async fn naming_an_unsafe_method_does_not_make_it_repeatable() {
    let up = failing_until(3, StatusCode::SERVICE_UNAVAILABLE).await;
    let route = Route::new("/x", "things")
        .max_attempts(3)
        .retry_methods([Method::POST]);
    let gateway = gateway(&up, route).build().unwrap();
    ask(&gateway, post("/x", "{}"), "{}").await;
    assert_eq!(up.calls(), 1);
    get(&gateway, "/x").await;
    assert_eq!(up.calls(), 2);
}

#[tokio::test]
async fn a_body_goes_through_and_one_over_the_limit_does_not() {
    let up = echo().await;
    let gateway = gateway(&up, Route::new("/x", "things").body_limit(8))
        .build()
        .unwrap();
    let (_, _, body) = ask(&gateway, post("/x", "12345678"), "12345678").await;
    assert!(body.starts_with("POST /x 8"), "{body}");
    let (status, ..) = ask(&gateway, post("/x", "123456789"), "123456789").await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(up.calls(), 1);
}

#[tokio::test]
async fn a_body_of_untold_length_is_cut_off_at_the_limit() {
    let up = echo().await;
    let gateway = gateway(&up, Route::new("/x", "things").body_limit(8))
        .build()
        .unwrap();
    let chunks = futures_util::stream::iter(vec![Ok::<_, std::io::Error>("123456"), Ok("789012")]);
    let request = http::Request::post("/x")
        .body(axum::body::Body::from_stream(chunks))
        .unwrap();
    let response = gateway.router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

async fn hanging() -> Upstream {
    upstream(|_, _| async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        StatusCode::OK.into_response()
    })
    .await
}

fn breaker() -> BreakerPolicy {
    BreakerPolicy {
        failure_threshold: 2,
        monitor_window: Duration::from_secs(60),
        recovery_timeout: Duration::from_secs(60),
        success_threshold: 1,
    }
}

#[tokio::test]
async fn a_service_that_hangs_is_a_timeout_and_opens_the_breaker() {
    let up = hanging().await;
    let route = Route::new("/x", "things")
        .timeout(Duration::from_millis(60))
        .breaker(breaker());
    let gateway = gateway(&up, route).build().unwrap();
    for _ in 0..2 {
        assert_eq!(get(&gateway, "/x").await.0, StatusCode::GATEWAY_TIMEOUT);
    }
    let (status, headers, _) = ask(&gateway, http::Request::get("/x"), "").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(headers["retry-after"], "60");
    assert_eq!(up.calls(), 2);
    assert_eq!(gateway.status()[0].breaker.as_deref(), Some("open"));
}

#[tokio::test]
async fn impatient_callers_do_not_open_the_breaker() {
    let up = hanging().await;
    let gateway = gateway(&up, Route::new("/x", "things").breaker(breaker()))
        .build()
        .unwrap();
    for _ in 0..4 {
        let (status, ..) = ask(
            &gateway,
            http::Request::get("/x").header("x-deadline-ms", "30"),
            "",
        )
        .await;
        assert_eq!(status, StatusCode::GATEWAY_TIMEOUT);
    }
    assert_eq!(gateway.status()[0].breaker.as_deref(), Some("closed"));
}

#[tokio::test]
async fn a_service_that_is_gone_is_a_bad_gateway() {
    let up = echo().await;
    up.shutdown.trigger();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let gateway = gateway(&up, Route::new("/x", "things")).build().unwrap();
    assert_eq!(get(&gateway, "/x").await.0, StatusCode::BAD_GATEWAY);
}
