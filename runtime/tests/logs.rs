//! Log records as they are written.
//!
//! In a process of their own: each test subscribes for itself, to all that is logged, while whether a place in the code logs at all is
//! decided once for all threads. Among tests that subscribe to nothing, or to less, these could be left without lines.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::get;
use http::Request;
use msarch_runtime::context::{CorrelationHeader, RequestContext};
use msarch_runtime::http::{Stack, standard};
use msarch_runtime::problem::Problem;
use msarch_runtime::telemetry::{LogFormat, LogLayer, Metrics, service_span};
use serde_json::Value;
use tower::ServiceExt;
use tracing::Instrument;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::layer::SubscriberExt;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn logged(format: LogFormat, work: impl Future<Output = ()>) -> String {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry().with(LogLayer::new(format, lines.clone()));
    work.with_subscriber(subscriber).await;
    let bytes = lines.0.lock().expect("no writer panics").clone();
    String::from_utf8(bytes).expect("lines are text")
}

#[tokio::test]
async fn a_json_record_names_service_trace_and_correlation() {
    let context = RequestContext::root();
    let (trace, correlation) = (context.trace.clone(), context.correlation_id.to_string());
    let line = logged(LogFormat::Json, async {
        let work = async { tracing::info!(order.id = 7, "order placed") };
        context.scope(work).instrument(service_span("orders")).await;
    })
    .await;
    let record: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(record["message"], "order placed");
    assert_eq!(record["level"], "INFO");
    assert_eq!(record["service"], "orders");
    assert_eq!(record["trace_id"], trace.trace_id().to_string());
    assert_eq!(record["span_id"], trace.span_id().to_string());
    assert_eq!(record["correlation_id"], correlation);
    assert_eq!(record["order.id"], 7);
    assert!(record["timestamp"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn a_refusal_is_no_error_and_a_failure_is() {
    for (problem, level) in [
        (Problem::conflict("taken").with_source("unique"), "INFO"),
        (Problem::internal("broken"), "ERROR"),
    ] {
        let answer = async { drop(problem.into_response()) };
        let line = logged(LogFormat::Json, answer).await;
        let record: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(record["level"], level, "{line}");
    }
}

#[tokio::test]
async fn a_request_that_nobody_waits_for_any_longer_is_told() {
    let hangs = get(std::future::pending::<()>);
    let stack = Stack {
        metrics: Metrics::new("orders"),
        timeout: Duration::from_secs(60),
        body_limit: 16,
        correlation: CorrelationHeader::default(),
        authenticator: None,
    };
    let router = standard(Router::new().route("/orders/{id}", hangs), stack);
    let request = Request::get("/orders/7").header("x-correlation-id", "c-7");
    let request = request.body(Body::empty()).expect("it is a request");
    let line = logged(LogFormat::Json, async {
        let asked = router.oneshot(request);
        let answer = tokio::time::timeout(Duration::from_millis(20), asked).await;
        answer.expect_err("nobody answers");
    })
    .await;
    let record: Value = serde_json::from_str(&line).unwrap();
    let said = "the connection was closed before the request was answered";
    assert_eq!(record["message"], said);
    assert_eq!(record["level"], "INFO");
    assert_eq!(record["http.status_code"], 499);
    assert_eq!(record["http.route"], "/orders/{id}");
    assert_eq!(record["correlation_id"], "c-7");
    assert!(record["duration_ms"].as_f64() >= Some(20.0), "{line}");
}

#[tokio::test]
async fn services_in_one_process_are_told_apart() {
    let lines = logged(LogFormat::Human, async {
        async { tracing::info!("one") }
            .instrument(service_span("orders"))
            .await;
        async { tracing::info!("two") }
            .instrument(service_span("stock"))
            .await;
    })
    .await;
    let lines: Vec<_> = lines.lines().collect();
    assert!(
        lines[0].starts_with("orders ") && lines[0].contains("one"),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].starts_with("stock ") && lines[1].contains("two"),
        "{}",
        lines[1]
    );
}

#[tokio::test]
async fn the_nearest_span_has_the_word() {
    let line = logged(LogFormat::Json, async {
        let (outer, inner) = (RequestContext::root(), RequestContext::root());
        let expected = inner.correlation_id.to_string();
        outer
            .scope(inner.scope(async move { tracing::info!(expected, "nested") }))
            .await;
    })
    .await;
    let record: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(record["correlation_id"], record["expected"]);
}

#[tokio::test]
async fn a_record_stays_on_one_line_whatever_it_says() {
    for format in [LogFormat::Json, LogFormat::Human] {
        let text = "first\nsecond {\"level\":\"forged\"}";
        let lines = logged(format, async { tracing::warn!(text, "{text}") }).await;
        assert_eq!(lines.lines().count(), 1, "{lines}");
    }
}

/// Where a PostgreSQL server answers; where none does, this is not tested.
#[cfg(feature = "postgres")]
#[tokio::test]
async fn a_second_start_says_nothing_of_tables_that_are_there() {
    use msarch_runtime::storage::postgres::{PostgresOptions, PostgresStore};
    use msarch_runtime::storage::{Store, Uuid};
    use sqlx::Connection;

    let server = std::env::var("MSARCH_POSTGRES_URL")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let Ok(mut operator) = sqlx::PgConnection::connect(&server).await else {
        let required = std::env::var("MSARCH_REQUIRE_PARTS").is_ok_and(|value| value == "1");
        assert!(!required, "PostgreSQL is required and does not answer");
        eprintln!("skipped: PostgreSQL does not answer");
        return;
    };
    let schema = format!("msarch_{}", Uuid::now_v7().simple());
    let start = async || {
        let options = PostgresOptions::new(&server).schema(&schema);
        let store = PostgresStore::open(options).await.unwrap();
        store.migrate("service", &[]).await.unwrap();
        store.close().await;
    };
    let first = logged(LogFormat::Json, start()).await;
    let second = logged(LogFormat::Json, start()).await;
    let removed = sqlx::AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"));
    sqlx::raw_sql(removed).execute(&mut operator).await.unwrap();
    assert!(first.contains("migration applied"), "{first}");
    assert!(!second.contains("already exists"), "{second}");
}
