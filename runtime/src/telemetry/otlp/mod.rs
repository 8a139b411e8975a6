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

use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use self::export::Export;
use self::layer::SpanLayer;
use super::log::{self, LogSettings, TelemetryError};
use super::metrics::Metrics;
use super::spans;

/// The export of this process. There is one, as there is one log.
static EXPORT: OnceLock<Export> = OnceLock::new();

/// Begins to log, and to export in the background, for the whole process.
pub(super) fn init(
    settings: &LogSettings,
    endpoint: &str,
    service: &str,
    instance: &str,
) -> Result<(), TelemetryError> {
    let export = Export::begin(endpoint, service, instance)?;
    // So that nothing is made for this layer that it would pass over.
    let meant = filter_fn(|metadata| metadata.target() == spans::TARGET);
    let spans = SpanLayer::new(export.clone()).with_filter(meant);
    EXPORT.set(export).map_err(|_| TelemetryError::Twice)?;
    tracing_subscriber::registry()
        .with(log::layer(settings)?)
        .with(spans)
        .try_init()
        .map_err(|_| TelemetryError::Twice)
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
