//! The client against a real server on loopback.

mod guards;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::*;
use crate::config::Secret;
use crate::context::{Credentials, Deadline, RequestContext};
use crate::http::{bind, serve};
use crate::problem::Problem;
use crate::resilience::{BreakerPolicy, BulkheadPolicy, RetryPolicy};
use crate::shutdown::Shutdown;
use crate::telemetry::Metrics;

/// A server that answers by script, and counts.
struct Server {
    address: String,
    calls: Arc<AtomicU32>,
    shutdown: Shutdown,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.trigger();
    }
}

async fn server<F, R>(script: F) -> Server
where
    F: Fn(u32, HeaderMap) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response> + Send + 'static,
{
    let calls = Arc::new(AtomicU32::new(0));
    let handler = move |State(calls): State<Arc<AtomicU32>>, headers: HeaderMap| {
        script(calls.fetch_add(1, Ordering::SeqCst) + 1, headers)
    };
    let router = Router::new()
        .route("/{*path}", any(handler))
        .with_state(calls.clone());
    let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let shutdown = Shutdown::new();
    tokio::spawn(serve(listener, router, shutdown.clone(), Duration::ZERO));
    Server {
        address,
        calls,
        shutdown,
    }
}

impl Server {
    fn client(&self, policy: CallPolicy) -> Client {
        Client::builder("stock", &self.address)
            .policy(policy)
            .build()
            .unwrap()
    }

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }
}

fn tries(max_attempts: u32) -> CallPolicy {
    let base_delay = Duration::from_millis(1);
    let retry = RetryPolicy {
        max_attempts,
        base_delay,
        max_delay: base_delay,
        backoff_factor: 1.0,
        jitter: false,
    };
    CallPolicy {
        timeout: Duration::from_secs(2),
        retry,
        ..CallPolicy::default()
    }
}

async fn failing_until(call: u32, status: StatusCode) -> Server {
    server(move |n, _| async move {
        if n < call {
            status.into_response()
        } else {
            axum::Json(json!({"call": n})).into_response()
        }
    })
    .await
}

#[tokio::test]
async fn an_answer_is_read() {
    let server = failing_until(1, StatusCode::OK).await;
    let value: Value = server
        .client(tries(1))
        .get("/items/{id}", &[&7])
        .receive()
        .await
        .unwrap();
    assert_eq!(value["call"], 1);
}

#[tokio::test]
async fn a_busy_service_is_tried_again_as_often_as_the_policy_says() {
    let server = failing_until(3, StatusCode::SERVICE_UNAVAILABLE).await;
    let value: Value = server
        .client(tries(3))
        .get("/x", &[])
        .receive()
        .await
        .unwrap();
    assert_eq!(value["call"], 3);

    let server = failing_until(9, StatusCode::SERVICE_UNAVAILABLE).await;
    let error = server
        .client(tries(3))
        .get("/x", &[])
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(server.calls(), 3);
}

#[tokio::test]
async fn a_post_is_repeated_only_with_an_idempotency_key() {
    let server = failing_until(2, StatusCode::SERVICE_UNAVAILABLE).await;
    server
        .client(tries(3))
        .post("/x", &[])
        .json(&1)
        .send()
        .await
        .unwrap_err();
    assert_eq!(server.calls(), 1);

    let server = failing_until(2, StatusCode::SERVICE_UNAVAILABLE).await;
    server
        .client(tries(3))
        .post("/x", &[])
        .json(&1)
        .idempotency_key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(server.calls(), 2);
}

#[tokio::test]
async fn what_another_try_cannot_mend_is_not_tried_again() {
    for status in [
        StatusCode::NOT_FOUND,
        StatusCode::INTERNAL_SERVER_ERROR,
        StatusCode::NOT_IMPLEMENTED,
    ] {
        let server = failing_until(9, status).await;
        server
            .client(tries(3))
            .get("/x", &[])
            .send()
            .await
            .unwrap_err();
        assert_eq!(server.calls(), 1, "{status}");
    }
}

#[tokio::test]
async fn that_there_is_no_such_thing_is_an_answer() {
    let server = failing_until(9, StatusCode::NOT_FOUND).await;
    let found: Option<Value> = server.client(tries(1)).get("/x", &[]).find().await.unwrap();
    assert_eq!(found, None);
}

#[tokio::test]
async fn the_other_sides_problem_is_kept() {
    let server = server(|_, _| async { Problem::conflict("sold out").into_response() }).await;
    let error = server
        .client(tries(1))
        .get("/x", &[])
        .send()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("sold out"), "{error}");
    assert_eq!(Problem::from(error).status(), StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_service_that_is_gone_cannot_be_reached() {
    let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::builder("stock", &address)
        .policy(tries(2))
        .build()
        .unwrap();
    let error = client.get("/x", &[]).send().await.unwrap_err();
    assert!(matches!(error, ClientError::Transport { .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

async fn hanging() -> Server {
    server(|_, _| async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        StatusCode::OK.into_response()
    })
    .await
}

#[tokio::test]
async fn each_try_has_its_own_time() {
    let server = hanging().await;
    let policy = CallPolicy {
        timeout: Duration::from_millis(50),
        ..tries(2)
    };
    let error = server
        .client(policy)
        .get("/x", &[])
        .send()
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Timeout { .. }), "{error}");
    assert_eq!(server.calls(), 2);
}

#[tokio::test]
async fn the_deadline_of_the_request_ends_the_tries() {
    let server = hanging().await;
    let began = Instant::now();
    let context = RequestContext::root().with_deadline(Deadline::after(Duration::from_millis(80)));
    let call = server.client(tries(5)).get("/x", &[]).send();
    let error = context.scope(call).await.unwrap_err();
    assert!(matches!(error, ClientError::Deadline { .. }), "{error}");
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!(server.calls(), 1);
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    let busy = |_, _| async {
        Problem::unavailable("busy", Some(Duration::from_secs(30))).into_response()
    };
    let server = server(busy).await;
    let context = RequestContext::root().with_deadline(Deadline::after(Duration::from_secs(5)));
    let began = Instant::now();
    let error = context
        .scope(server.client(tries(5)).get("/x", &[]).send())
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
    assert!(began.elapsed() < Duration::from_secs(1));
}
