//! What a service says about itself: log lines, metrics and spans. (The traces that spans belong to travel in the
//! [context](crate::context).)
//!
//! ```
//! use msarch_runtime::telemetry::Metrics;
//!
//! let metrics = Metrics::new("greeter");
//! let greetings = metrics.counter("greetings_total", "Greetings given", ["language"]);
//! greetings.inc(["en"]);
//! assert!(metrics.render().contains(r#"greetings_total{service="greeter",language="en"} 1"#));
//! ```

mod ending;
mod fields;
mod format;
mod log;
mod metrics;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;
pub(crate) mod spans;
mod traces;

pub(crate) use ending::{Ended, Ending};
pub use format::LogFormat;
pub use log::{LogLayer, LogSettings, TelemetryError, init, milliseconds, service_span};
pub use metrics::{Counter, Gauge, Histogram, HttpMetrics, Metrics};
pub(crate) use traces::count_traces;
pub use traces::{SampleRatio, TraceSettings, flush_traces, init_with_traces};
