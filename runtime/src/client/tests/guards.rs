//! Breaker, bulkhead, and what goes along with a call.

use super::*;
use crate::context::CorrelationHeader;

fn breaker(failure_threshold: u32) -> CallPolicy {
    let breaker = BreakerPolicy {
        failure_threshold,
        monitor_window: Duration::from_secs(60),
        recovery_timeout: Duration::from_secs(60),
        success_threshold: 1,
    };
    CallPolicy {
        breaker: Some(breaker),
        ..tries(1)
    }
}

#[tokio::test]
async fn failures_open_the_breaker_and_further_calls_are_not_sent() {
    let server = failing_until(99, StatusCode::INTERNAL_SERVER_ERROR).await;
    let client = server.client(breaker(2));
    for _ in 0..2 {
        client.get("/x", &[]).send().await.unwrap_err();
    }
    let error = client.get("/x", &[]).send().await.unwrap_err();
    assert!(matches!(error, ClientError::Open { .. }), "{error}");
    assert_eq!(server.calls(), 2);
    assert_eq!(
        Problem::from(error).status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
}

#[tokio::test]
async fn refusals_do_not_open_the_breaker() {
    let server = failing_until(99, StatusCode::UNPROCESSABLE_ENTITY).await;
    let client = server.client(breaker(2));
    for _ in 0..5 {
        client.get("/x", &[]).send().await.unwrap_err();
    }
    assert_eq!(server.calls(), 5);
}

#[tokio::test]
async fn impatient_callers_do_not_open_the_breaker() {
    let server = hanging().await;
    let client = server.client(breaker(1));
    for _ in 0..2 {
        let context =
            RequestContext::root().with_deadline(Deadline::after(Duration::from_millis(30)));
        let error = context
            .scope(client.get("/x", &[]).send())
            .await
            .unwrap_err();
        assert!(matches!(error, ClientError::Deadline { .. }), "{error}");
    }
    assert_eq!(server.calls(), 2);
}

#[tokio::test]
async fn the_bulkhead_turns_away_what_it_cannot_hold() {
    let server = hanging().await;
    let bulkhead = Some(BulkheadPolicy {
        max_concurrent: 1,
        max_waiting: 0,
    });
    let policy = CallPolicy {
        timeout: Duration::from_millis(200),
        bulkhead,
        ..tries(1)
    };
    let client = server.client(policy);
    let first = tokio::spawn(client.get("/x", &[]).send());
    tokio::time::sleep(Duration::from_millis(50)).await;
    let error = client.get("/x", &[]).send().await.unwrap_err();
    assert!(matches!(error, ClientError::Full { .. }), "{error}");
    assert!(first.await.unwrap().is_err());
}

async fn echoing() -> Server {
    server(|_, headers| async move {
        let text = |name: &str| {
            headers
                .get(name)
                .and_then(|v| v.to_str().ok())
                .map(str::to_owned)
        };
        let names = [
            "traceparent",
            "x-correlation-id",
            "x-trail",
            "x-deadline-ms",
            "authorization",
        ];
        let seen: std::collections::BTreeMap<_, _> = names.map(|name| (name, text(name))).into();
        axum::Json(seen).into_response()
    })
    .await
}

#[tokio::test]
async fn the_header_of_the_correlation_can_be_another() {
    let server = echoing().await;
    let header = CorrelationHeader::from_static("x-trail");
    let client = Client::builder("there", &server.address).correlation_header(&header);
    let context = RequestContext::root();
    let correlation = context.correlation_id.to_string();
    let call = client.build().unwrap().get("/x", &[]).receive();
    let seen: Value = context.scope(call).await.unwrap();
    assert_eq!(seen["x-trail"], correlation);
    assert_eq!(seen["x-correlation-id"], Value::Null);
}

#[tokio::test]
async fn the_context_and_the_callers_token_go_along() {
    let server = echoing().await;
    let mut context = RequestContext::root().with_deadline(Deadline::after(Duration::from_secs(9)));
    context.credentials = Some(Credentials::bearer("theirs"));
    let (trace, correlation) = (
        context.trace.trace_id().to_string(),
        context.correlation_id.to_string(),
    );
    let call = server.client(tries(1)).get("/x", &[]).receive();
    let seen: Value = context.scope(call).await.unwrap();
    assert!(seen["traceparent"].as_str().unwrap().contains(&trace));
    assert_eq!(seen["x-correlation-id"], correlation);
    assert_eq!(seen["authorization"], "Bearer theirs");
    assert!(
        seen["x-deadline-ms"]
            .as_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
            <= 9000
    );
}

#[tokio::test]
async fn the_services_own_token_serves_where_nobody_called() {
    let server = echoing().await;
    let token = FixedToken::new(&Secret::new("ours"));
    let client = Client::builder("stock", &server.address)
        .own_token(token)
        .build()
        .unwrap();
    let seen: Value = client.get("/x", &[]).receive().await.unwrap();
    assert_eq!(seen["authorization"], "Bearer ours");
}

#[tokio::test]
async fn calls_are_measured_by_template_and_outcome() {
    let server = failing_until(1, StatusCode::OK).await;
    let metrics = Metrics::new("caller");
    let client = Client::builder("stock", &server.address)
        .metrics(&metrics)
        .build()
        .unwrap();
    client.get("/items/{id}", &[&7]).send().await.unwrap();
    let text = metrics.render();
    let labels =
        r#"{service="caller",target="stock",method="GET",route="/items/{id}",outcome="ok"}"#;
    assert!(
        text.contains(&format!("client_request_duration_seconds_count{labels} 1")),
        "{text}"
    );
}

#[test]
fn an_address_without_scheme_or_host_is_refused() {
    for address in [
        "stock:3002",
        "/stock",
        "ftp://stock",
        "http://",
        "http://stock?x=1",
    ] {
        let error = Client::builder("stock", address).build().unwrap_err();
        assert!(error.to_string().contains(address), "{error}");
    }
}

#[tokio::test]
async fn a_service_whose_address_nobody_told_is_not_available() {
    let client = Client::builder("bank", "")
        .policy(tries(3))
        .build()
        .unwrap();
    let error = client.get("/x", &[]).send().await.unwrap_err();
    assert!(matches!(error, ClientError::Nowhere { .. }), "{error}");
    assert!(error.is_transient(), "a message waits for it");
    assert_eq!(
        Problem::from(error).status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
}
