//! What a service says about itself: log lines and metrics. (Traces travel in the [context](crate::context).)
//!
//! ```
//! use msarch_runtime::telemetry::Metrics;
//!
//! let metrics = Metrics::new("greeter");
//! let greetings = metrics.counter("greetings_total", "Greetings given", ["language"]);
//! greetings.inc(["en"]);
//! assert!(metrics.render().contains(r#"greetings_total{service="greeter",language="en"} 1"#));
//! ```

mod fields;
mod format;
mod log;
mod metrics;

pub use format::LogFormat;
pub use log::{LogLayer, LogSettings, TelemetryError, init, milliseconds, service_span};
pub use metrics::{Counter, Gauge, Histogram, HttpMetrics, Metrics};
