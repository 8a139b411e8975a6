//! Where traces go, and how many of them.

use super::log::{LogSettings, TelemetryError};
use super::metrics::Metrics;
use crate::context::trace::record_share;

/// Where traces are exported, and how many.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TraceSettings {
    /// The base address of a collector that takes OTLP over HTTP; without it, nothing is exported.
    pub endpoint: Option<String>,
    /// The share of the traces that begin here which are recorded. What the caller decided for its trace is kept to.
    pub sample_ratio: SampleRatio,
}

/// A share, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleRatio(f64);

impl SampleRatio {
    /// A share; none where the number is not from 0 to 1.
    #[must_use]
    pub fn new(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then_some(Self(share))
    }

    /// A share as it is declared; what is beyond nothing or all is nothing or all.
    #[must_use]
    pub fn of(share: f64) -> Self {
        Self(share.clamp(0.0, 1.0))
    }

    /// The share.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Default for SampleRatio {
    /// All of them.
    fn default() -> Self {
        Self(1.0)
    }
}

/// Begins to log, and to export traces where the settings name a collector, for the whole process: it is one instance of one
/// service. Wants to be called within the runtime, which exports in the background.
///
/// # Errors
/// Settings that cannot be used, and a second call.
pub fn init_with_traces(
    log: &LogSettings,
    traces: &TraceSettings,
    service: &str,
    instance: &str,
) -> Result<(), TelemetryError> {
    record_share(traces.sample_ratio.get());
    let Some(endpoint) = &traces.endpoint else {
        return super::init(log);
    };
    #[cfg(feature = "otlp")]
    {
        super::otlp::init(log, endpoint, service, instance)
    }
    #[cfg(not(feature = "otlp"))]
    {
        let _ = (endpoint, service, instance);
        Err(TelemetryError::NotCompiled)
    }
}

/// Counts what becomes of spans, where they are exported.
pub(crate) fn count_traces(metrics: &Metrics) {
    #[cfg(feature = "otlp")]
    super::otlp::count(metrics);
    #[cfg(not(feature = "otlp"))]
    let _ = metrics;
}

/// Exports what is still on its way, within a few seconds: the last thing that a process does.
pub async fn flush_traces() {
    #[cfg(feature = "otlp")]
    super::otlp::flush().await;
}
