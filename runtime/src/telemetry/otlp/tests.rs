//! Spans as a real receiver of OTLP sees them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::routing::post;
use http::{Request, StatusCode};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

use super::collector::{Collector, Tracing, assert_one_tree, roots, served};
use super::export::Export;
use crate::client::{CallPolicy, Client};
use crate::context::CorrelationHeader;
use crate::http::{Stack, bind, endpoint, standard};
use crate::messaging::embedded::EmbeddedBus;
use crate::messaging::{Bus, Consumer, ConsumerWorker, OutboxRelay};
use crate::problem::{Problem, Result};
use crate::storage::testing::{ThingMade, database};
use crate::storage::{Database, UnitOfWork};
use crate::telemetry::Metrics;

fn stacked(router: Router) -> Router {
    let stack = Stack {
        metrics: Metrics::new("shop"),
        timeout: Duration::from_secs(10),
        body_limit: 1024,
        correlation: CorrelationHeader::default(),
        authenticator: None,
    };
    standard(router, stack)
}

/// Calls the other service for each event.
struct Ask(Client);

#[async_trait]
impl Consumer for Ask {
    type Event = ThingMade;
    const NAME: &'static str = "tests.ask";

    async fn handle(&self, _: &mut UnitOfWork, _: ThingMade) -> Result<()> {
        ask(&self.0).await
    }
}

async fn ask(client: &Client) -> Result<()> {
    let answer = client.get("/stock/{sku}", &[&1]).send().await;
    answer.map(drop).map_err(Problem::internal)
}

/// A service whose one operation calls another service and publishes an event.
fn shop(database: Database, client: Client) -> Router {
    let make = move || async move {
        ask(&client).await?;
        let mut uow = database.begin().await?;
        uow.publish(ThingMade {
            thing_id: Uuid::now_v7(),
        })?;
        uow.commit().await?;
        Ok::<_, Problem>(StatusCode::CREATED)
    };
    let broken = || async { Err::<(), _>(Problem::internal("it is broken")) };
    stacked(
        Router::new()
            .route("/things/{id}", post(make).layer(endpoint("make").public()))
            .route("/broken", post(broken).layer(endpoint("broken").public())),
    )
}

/// A database, and a broker beside it.
async fn parts() -> (Database, Arc<dyn Bus>, TempDir) {
    let (database, folder) = database().await;
    let bus = EmbeddedBus::open(&folder.path().join("broker.db")).await;
    (database, Arc::new(bus.unwrap()), folder)
}

/// Everything that one request sets off: over HTTP, through the outbox, to the consumer and over HTTP again.
async fn run(traceparent: &str) {
    let stock = Router::new().route("/stock/{sku}", axum::routing::get(async || axum::Json(1)));
    let stock = served(stacked(stock)).await;
    let client = || {
        Client::builder("stock", &stock)
            .policy(CallPolicy::default())
            .build()
            .unwrap()
    };
    let (database, bus, _folder) = parts().await;
    for path in ["/things/1", "/broken"] {
        let request = Request::post(path).header("traceparent", traceparent);
        let request = request.body(Body::empty()).unwrap();
        let shop = shop(database.clone(), client());
        shop.oneshot(request).await.unwrap();
    }
    let relay = OutboxRelay::new(database.clone(), bus.clone());
    assert_eq!(relay.drain().await.unwrap(), 1);
    let consumer = ConsumerWorker::new(Ask(client()), database, bus);
    assert_eq!(consumer.drain().await.unwrap(), 1);
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

fn attribute(span: &Span, name: &str) -> String {
    let found = span
        .attributes
        .iter()
        .find(|attribute| attribute.key == name);
    format!("{:?}", found.and_then(|attribute| attribute.value.as_ref()))
}

/// The names from the first span down to one.
fn chain<'s>(spans: &'s BTreeMap<Vec<u8>, Span>, mut span: &'s Span) -> String {
    let mut names = vec![span.name.as_str()];
    while let Some(above) = spans.get(&span.parent_span_id) {
        names.push(&above.name);
        span = above;
    }
    names.reverse();
    names.join(" > ")
}

/// The chains of all spans.
fn lines(spans: &BTreeMap<Vec<u8>, Span>) -> Vec<String> {
    let mut lines: Vec<String> = spans.values().map(|span| chain(spans, span)).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn one_trace_runs_from_the_request_to_the_last_consumer() {
    let (collector, tracing) = Collector::begin().await;
    run(&format!("00-{TRACE}-{PARENT}-01")).await;
    tracing.flush().await;
    let spans = collector.spans();
    assert_one_tree(&spans, TRACE, PARENT);
    assert_eq!(
        lines(&spans),
        [
            "POST /broken",
            "POST /things/{id}",
            "POST /things/{id} > GET /stock/{sku}",
            "POST /things/{id} > GET /stock/{sku} > GET /stock/{sku}",
            "POST /things/{id} > send things.thing-made",
            "POST /things/{id} > send things.thing-made > process things.thing-made",
            "POST /things/{id} > send things.thing-made > process things.thing-made > GET /stock/{sku}",
            "POST /things/{id} > send things.thing-made > process things.thing-made > GET /stock/{sku} > GET /stock/{sku}",
        ]
    );
}

#[tokio::test]
async fn work_at_nobodys_request_begins_traces_that_lack_nothing() {
    let (collector, tracing) = Collector::begin().await;
    let stock = Router::new().route("/stock/{sku}", axum::routing::get(async || axum::Json(1)));
    let stock = served(stacked(stock)).await;
    let client = Client::builder("stock", &stock).build().unwrap();
    let (database, bus, _folder) = parts().await;
    ask(&client).await.unwrap();
    let thing_id = Uuid::now_v7();
    let mut uow = database.begin().await.unwrap();
    uow.publish(ThingMade { thing_id }).unwrap();
    uow.commit().await.unwrap();
    let relay = OutboxRelay::new(database.clone(), bus.clone());
    assert_eq!(relay.drain().await.unwrap(), 1);
    let consumer = ConsumerWorker::new(Ask(client), database, bus);
    assert_eq!(consumer.drain().await.unwrap(), 1);
    tracing.flush().await;
    let spans = collector.spans();
    assert_eq!(
        lines(&spans),
        [
            "GET /stock/{sku}",
            "GET /stock/{sku} > GET /stock/{sku}",
            "send things.thing-made",
            "send things.thing-made > process things.thing-made",
            "send things.thing-made > process things.thing-made > GET /stock/{sku}",
            "send things.thing-made > process things.thing-made > GET /stock/{sku} > GET /stock/{sku}",
        ]
    );
    assert_eq!(roots(&spans).len(), 2);
}

#[tokio::test]
async fn spans_say_what_they_are_as_opentelemetry_names_it() {
    let (collector, tracing) = Collector::begin().await;
    run(&format!("00-{TRACE}-{PARENT}-01")).await;
    tracing.flush().await;
    let spans = collector.spans();
    let find = |name: &str, kind: SpanKind| {
        let mut found = spans
            .values()
            .filter(|span| span.name == name && span.kind() == kind);
        found.next().unwrap()
    };
    let server = find("POST /things/{id}", SpanKind::Server);
    assert!(attribute(server, "http.request.method").contains("POST"));
    assert!(attribute(server, "http.route").contains("/things/{id}"));
    assert!(attribute(server, "http.response.status_code").contains("201"));
    assert!(
        attribute(server, "otel.name").contains("None"),
        "what is ours stays ours"
    );
    let broken = find("POST /broken", SpanKind::Server);
    assert_eq!(broken.status.as_ref().unwrap().code, 2);
    assert!(attribute(broken, "error.type").contains("500"));
    let client = find("GET /stock/{sku}", SpanKind::Client);
    assert!(attribute(client, "service.peer.name").contains("stock"));
    assert!(attribute(client, "server.address").contains("127.0.0.1"));
    let producer = find("send things.thing-made", SpanKind::Producer);
    assert!(attribute(producer, "messaging.system").contains("embedded"));
    let consumer = find("process things.thing-made", SpanKind::Consumer);
    assert!(attribute(consumer, "messaging.consumer.group.name").contains("tests.ask"));
    let batches = collector.0.lock().unwrap();
    let resource = format!("{:?}", batches[0].resource_spans[0].resource);
    assert!(
        resource.contains("service.name") && resource.contains("shop-1"),
        "{resource}"
    );
}

#[tokio::test]
async fn what_the_caller_does_not_record_nobody_does() {
    let (collector, tracing) = Collector::begin().await;
    run(&format!("00-{TRACE}-{PARENT}-00")).await;
    tracing.flush().await;
    assert!(collector.spans().is_empty());
}

#[tokio::test]
async fn a_collector_that_is_down_costs_spans_and_nothing_else() {
    let metrics = Metrics::new("shop");
    let export = Export::begin("http://127.0.0.1:1", "shop", "1").unwrap();
    export.count(&metrics);
    let tracing = Tracing::begin(export);
    run(&format!("00-{TRACE}-{PARENT}-01")).await;
    tracing.flush().await;
    let text = metrics.render();
    assert!(
        text.contains(r#"traces_spans_total{service="shop",outcome="dropped"} 8"#),
        "{text}"
    );
    assert!(
        text.contains(r#"traces_spans_total{service="shop",outcome="exported"} 0"#),
        "{text}"
    );
}

#[tokio::test]
async fn what_the_queue_cannot_hold_is_dropped_and_counted() {
    let metrics = Metrics::new("shop");
    // It takes the connection and never answers.
    let silent = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let export = Export::begin(&address, "shop", "1").unwrap();
    export.count(&metrics);
    let _tracing = Tracing::begin(export);
    let trace = crate::context::TraceContext::root();
    for _ in 0..20_000 {
        drop(crate::telemetry::spans::server(&trace, "GET", "/"));
    }
    let counter = metrics.counter("traces_spans_total", "", ["outcome"]);
    assert_eq!(counter.get(["dropped"]), 20_000 - 8192);
}

#[tokio::test]
async fn an_address_that_is_none_is_refused() {
    for address in ["otel-collector:4318", "ftp://x", "http://"] {
        let refused = Export::begin(address, "shop", "1").err();
        assert!(
            refused.is_some_and(|error| error.to_string().contains("traces.endpoint")),
            "{address}"
        );
    }
}
