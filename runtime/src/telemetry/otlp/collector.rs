//! What tests collect spans with: one subscriber for the whole process, which takes what a thread begins to the collector that this
//! thread listens with, and what any other thread begins nowhere.
//!
//! A subscriber per test would not do. Whether a place in the code makes spans is decided once for all threads, so that another test
//! could decide it; and a span whose last holder is a thread of the database driver would end where no subscriber is.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use super::export::Export;
use super::layer::SpanLayer;
use crate::http::{bind, serve};
use crate::shutdown::Shutdown;
use crate::telemetry::spans;

thread_local! {
    static LISTENER: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

/// Subscribes for the whole process, once: before the first span is made, so that no place in the code is ever taken to interest
/// nobody.
pub(crate) fn subscribe() {
    static SUBSCRIBED: Once = Once::new();
    SUBSCRIBED.call_once(|| {
        let subscriber = tracing_subscriber::registry()
            .with(LevelFilter::INFO)
            .with(ByThread);
        tracing::subscriber::set_global_default(subscriber).expect("nobody else subscribes");
    });
}

/// Who hears of the spans of a thread, wherever they end.
#[derive(Clone)]
struct Listener {
    export: Export,
    open: Arc<AtomicUsize>,
}

/// Takes each span to the listener of the thread that began it.
struct ByThread;

impl<S> Layer<S> for ByThread
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().target() != spans::TARGET {
            return;
        }
        if let Some(listener) = LISTENER.with_borrow(Clone::clone) {
            listener.open.fetch_add(1, Ordering::SeqCst);
            if let Some(span) = context.span(id) {
                span.extensions_mut().insert(listener.clone());
            }
            SpanLayer::new(listener.export).on_new_span(attributes, id, context);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(listener) = listener_of(id, &context) {
            SpanLayer::new(listener.export).on_record(id, values, context);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(listener) = listener_of(&id, &context) {
            SpanLayer::new(listener.export).on_close(id, context);
            listener.open.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

fn listener_of<S>(id: &Id, context: &Context<'_, S>) -> Option<Listener>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let span = context.span(id)?;
    span.extensions().get::<Listener>().cloned()
}

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
pub(crate) struct Collector(pub(super) Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

impl Collector {
    /// Begins to collect what this thread traces, until the guard is dropped.
    pub(crate) async fn begin() -> (Self, Tracing) {
        let collector = Self::default();
        let take = {
            let collector = collector.clone();
            move |body: Bytes| async move {
                let batch = ExportTraceServiceRequest::decode(body).unwrap();
                collector.0.lock().unwrap().push(batch);
            }
        };
        let address = served(Router::new().route("/v1/traces", post(take))).await;
        let export = Export::begin(&address, "shop", "shop-1").unwrap();
        (collector, Tracing::begin(export))
    }

    /// All spans by their identifiers.
    pub(crate) fn spans(&self) -> BTreeMap<Vec<u8>, Span> {
        let batches = self.0.lock().unwrap();
        let scopes = batches
            .iter()
            .flat_map(|batch| &batch.resource_spans)
            .flat_map(|resource| &resource.scope_spans);
        let spans = scopes.flat_map(|scope| scope.spans.clone());
        spans.map(|span| (span.span_id.clone(), span)).collect()
    }
}

/// Traces this thread, and what runs on it, until it is dropped.
pub(crate) struct Tracing(Listener);

impl Tracing {
    pub(super) fn begin(export: Export) -> Self {
        subscribe();
        let listener = Listener {
            export,
            open: Arc::default(),
        };
        LISTENER.set(Some(listener.clone()));
        Self(listener)
    }

    /// Waits until every span that was begun has ended, and exports what has.
    pub(crate) async fn flush(&self) {
        let ended = async {
            while self.0.open.load(Ordering::SeqCst) > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), ended)
            .await
            .expect("every span ends when its work does");
        self.0.export.flush().await;
    }
}

impl Drop for Tracing {
    fn drop(&mut self) {
        LISTENER.set(None);
    }
}

pub(super) async fn served(router: Router) -> String {
    let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, router, Shutdown::new(), Duration::ZERO));
    address
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every span is in the trace, and under another one of it or under the one that came in.
pub(crate) fn assert_one_tree(spans: &BTreeMap<Vec<u8>, Span>, trace: &str, root: &str) {
    for span in spans.values() {
        assert_eq!(hex(&span.trace_id), trace, "{}", span.name);
        let above = spans.contains_key(&span.parent_span_id) || hex(&span.parent_span_id) == root;
        assert!(above, "{} hangs in the air: {spans:#?}", span.name);
        assert!(span.start_time_unix_nano <= span.end_time_unix_nano);
    }
}

/// The spans that are under none, in order of their names. Of every other one, what it is under was exported.
pub(crate) fn roots(spans: &BTreeMap<Vec<u8>, Span>) -> Vec<&str> {
    let (roots, under): (Vec<_>, Vec<_>) = spans
        .values()
        .partition(|span| span.parent_span_id.is_empty());
    for span in under {
        let above = spans.get(&span.parent_span_id);
        let above = above.unwrap_or_else(|| panic!("{} hangs in the air: {spans:#?}", span.name));
        assert_eq!(above.trace_id, span.trace_id, "{}", span.name);
    }
    let mut names: Vec<_> = roots.into_iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    names
}
