//! Export of spans by OTLP over HTTP, in protobuf.
//!
//! Spans that end go into a bounded queue and leave it in batches, in the background. A collector that is down or slow costs
//! nothing but spans: what the queue cannot hold, and what could not be sent, is dropped and counted in
//! `traces_spans_total{outcome}`.

mod client;
#[cfg(test)]
pub(crate) mod collector;
mod export;
mod layer;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use super::log::TelemetryError;
use super::metrics::Metrics;
use super::spans;
use export::Export;
use layer::SpanLayer;

/// The export of this process. There is one, as there is one log.
static EXPORT: OnceLock<Export> = OnceLock::new();

/// Begins to export in the background, and gives the layer that takes spans there.
pub(super) fn begin<S>(
    endpoint: &str,
    service: &str,
    instance: &str,
) -> Result<impl Layer<S> + Send + Sync, TelemetryError>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let export = Export::begin(endpoint, service, instance)?;
    let layer = SpanLayer::new(export.clone());
    EXPORT.set(export).map_err(|_| TelemetryError::Twice)?;
    // So that nothing is made for this layer that it would pass over.
    let meant = filter_fn(|metadata| metadata.target() == spans::TARGET);
    Ok(layer.with_filter(meant))
}

pub(super) fn count(metrics: &Metrics) {
    if let Some(export) = EXPORT.get() {
        export.count(metrics);
    }
}

pub(super) async fn flush() {
    if let Some(export) = EXPORT.get() {
        export.flush().await;
    }
}
