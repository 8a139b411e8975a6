//! The queue of ended spans, and who takes them to the collector.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::Uri;
use opentelemetry::KeyValue;
use opentelemetry_otlp::{WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tokio::sync::{mpsc, oneshot};

use super::client::CollectorClient;
use crate::client::HttpTransport;
use crate::telemetry::log::TelemetryError;
use crate::telemetry::metrics::{Counter, Metrics};

/// How many spans may wait, and how many go at a time.
const QUEUE: usize = 8192;
const BATCH: usize = 512;
/// How long the first of a batch waits for others.
const GATHERING: Duration = Duration::from_secs(1);
/// How long a batch may take on its way.
const PATIENCE: Duration = Duration::from_secs(5);

/// The way of ended spans to the collector. All clones share the queue.
#[derive(Clone)]
pub(super) struct Export {
    queue: mpsc::Sender<Item>,
    outcomes: Arc<OnceLock<Counter<1>>>,
}

enum Item {
    Span(Box<SpanData>),
    /// Everything before it is to be sent now.
    Flush(oneshot::Sender<()>),
}

impl Export {
    pub(super) fn begin(
        endpoint: &str,
        service: &str,
        instance: &str,
    ) -> Result<Self, TelemetryError> {
        let wrong = |reason: String| TelemetryError::Endpoint(reason);
        let address = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        let uri: Uri = address
            .parse()
            .map_err(|error: http::uri::InvalidUri| wrong(error.to_string()))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(wrong(
                "it begins neither with http:// nor with https://".to_owned(),
            ));
        }
        let transport = HttpTransport::for_uri(&uri).map_err(|error| wrong(error.to_string()))?;
        let client = CollectorClient {
            transport,
            patience: PATIENCE,
        };
        let mut exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(address)
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        exporter.set_resource(
            &Resource::builder_empty()
                .with_attributes([
                    KeyValue::new("service.name", service.to_owned()),
                    KeyValue::new("service.instance.id", instance.to_owned()),
                    KeyValue::new("telemetry.sdk.name", "opentelemetry"),
                    KeyValue::new("telemetry.sdk.language", "rust"),
                ])
                .build(),
        );
        Ok(Self::through(exporter))
    }

    pub(super) fn through(exporter: impl SpanExporter + 'static) -> Self {
        let (queue, items) = mpsc::channel(QUEUE);
        let export = Self {
            queue,
            outcomes: Arc::default(),
        };
        let outcomes = export.outcomes.clone();
        tokio::spawn(Carrier { exporter, outcomes }.run(items));
        export
    }

    /// Takes a span that ended; drops it when too many wait.
    pub(super) fn take(&self, span: SpanData) {
        if self.queue.try_send(Item::Span(Box::new(span))).is_err() {
            add(&self.outcomes, "dropped", 1);
        }
    }

    pub(super) fn count(&self, metrics: &Metrics) {
        let help = "Spans by what became of them: exported, dropped";
        let counter = metrics.counter("traces_spans_total", help, ["outcome"]);
        for outcome in ["exported", "dropped"] {
            counter.inc_by([outcome], 0);
        }
        let _ = self.outcomes.set(counter);
    }

    /// Sends what waits, for as long as two batches may take.
    pub(super) async fn flush(&self) {
        let (done, sent) = oneshot::channel();
        let flushing = async {
            if self.queue.send(Item::Flush(done)).await.is_ok() {
                let _ = sent.await;
            }
        };
        if tokio::time::timeout(2 * PATIENCE, flushing).await.is_err() {
            tracing::warn!("spans were still on their way to the collector at the end");
        }
    }
}

fn add(outcomes: &OnceLock<Counter<1>>, outcome: &str, spans: u64) {
    if let Some(counter) = outcomes.get() {
        counter.inc_by([outcome], spans);
    }
}

/// Takes batches to the collector.
struct Carrier<E> {
    exporter: E,
    outcomes: Arc<OnceLock<Counter<1>>>,
}

impl<E: SpanExporter> Carrier<E> {
    async fn run(self, mut items: mpsc::Receiver<Item>) {
        let mut failing = false;
        while let Some(first) = items.recv().await {
            let (batch, flushed) = gathered(first, &mut items).await;
            let spans = batch.len() as u64;
            if spans > 0 {
                let outcome = self.exporter.export(batch).await;
                let word = if outcome.is_ok() {
                    "exported"
                } else {
                    "dropped"
                };
                add(&self.outcomes, word, spans);
                match outcome {
                    Ok(()) => failing = false,
                    // Said once, and not with each batch.
                    Err(error) if !failing => {
                        failing = true;
                        tracing::warn!(error = %error, spans, "spans could not be exported");
                    }
                    Err(_) => {}
                }
            }
            if let Some(flushed) = flushed {
                let _ = flushed.send(());
            }
        }
    }
}

/// A batch, and who waits for it to be sent.
async fn gathered(
    first: Item,
    items: &mut mpsc::Receiver<Item>,
) -> (Vec<SpanData>, Option<oneshot::Sender<()>>) {
    let mut batch = Vec::new();
    let mut next = Some(first);
    let end = tokio::time::sleep(GATHERING);
    tokio::pin!(end);
    loop {
        match next.take() {
            Some(Item::Span(span)) => batch.push(*span),
            Some(Item::Flush(waiting)) => return (batch, Some(waiting)),
            None => return (batch, None),
        }
        if batch.len() >= BATCH {
            return (batch, None);
        }
        tokio::select! {
            item = items.recv() => next = item,
            () = &mut end => return (batch, None),
        }
    }
}
