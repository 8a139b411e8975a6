//! Log records with the service, the trace and the correlation that they belong to.
//!
//! Several services may live in one process, so the service's name is no global: it is a field of the span within which
//! everything of a service runs.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::Utc;
use serde_json::Value;
use tracing::span::{Attributes, Id, Record as SpanRecord};
use tracing::{Event, Span, Subscriber};
use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::fields::Fields;
use super::format::{LogFormat, Record};
use super::spans;

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// JSON, or lines for people.
    pub format: LogFormat,
    /// A level, or directives per module such as `info,sqlx=warn`.
    pub filter: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            format: LogFormat::Json,
            filter: "info".to_owned(),
        }
    }
}

/// Why logging could not begin.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not understood.
    #[error("the log filter `{filter}` is not understood: {source}")]
    Filter {
        /// The filter as given.
        filter: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// The address of the collector is none.
    #[error(
        "`traces.endpoint` is no address of a collector, such as http://otel-collector:4318: {0}"
    )]
    Endpoint(String),
    /// Export was not compiled in.
    #[error(
        "`traces.endpoint` is set, and this program was built without export: build it with the feature `otlp`, or unset it"
    )]
    NotCompiled,
    /// Logging was begun already in this process.
    #[error("logging was begun twice in one process")]
    Twice,
}

/// Begins to log to standard output, for the whole process.
///
/// # Errors
/// A filter that is not understood, and a second call.
pub fn init(settings: &LogSettings) -> Result<(), TelemetryError> {
    tracing_subscriber::registry()
        .with(layer(settings)?)
        .try_init()
        .map_err(|_| TelemetryError::Twice)
}

/// The layer that logs what the settings ask for. Spans for traces are none of its business.
pub(super) fn layer<S>(
    settings: &LogSettings,
) -> Result<impl Layer<S> + Send + Sync, TelemetryError>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let filter = EnvFilter::try_new(&settings.filter).map_err(|source| TelemetryError::Filter {
        filter: settings.filter.clone(),
        source,
    })?;
    let ours = filter_fn(|metadata| metadata.target() != spans::TARGET);
    Ok(LogLayer::new(settings.format, io::stdout()).with_filter(filter.and(ours)))
}

/// The span within which everything of one service runs, so that each of its log lines names it.
#[must_use]
pub fn service_span(service: &str) -> Span {
    // Level error, so that no filter can take the name away from the lines that it lets through.
    tracing::error_span!(parent: None, "service", service)
}

/// Milliseconds as the log shows them: to the microsecond, and no further.
#[must_use]
pub fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1e6).round() / 1e3
}

/// Writes each event as one line.
pub struct LogLayer<W> {
    format: LogFormat,
    writer: Mutex<W>,
}

impl<W: Write + Send + 'static> LogLayer<W> {
    /// A layer that writes to the given place.
    pub fn new(format: LogFormat, writer: W) -> Self {
        Self {
            format,
            writer: Mutex::new(writer),
        }
    }
}

impl<S, W> Layer<S> for LogLayer<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Write + Send + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &SpanRecord<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut own = Fields::default();
        event.record(&mut own);
        let around = fields_around(event, &context);
        let line = self.format.line(&Record {
            time: Utc::now(),
            level: *event.metadata().level(),
            target: event.metadata().target(),
            event: &own,
            around: &around,
        });
        // A closed pipe must not stop the service.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writer.write_all(line.as_bytes());
    }
}

fn fields_around<S>(event: &Event<'_>, context: &Context<'_, S>) -> Vec<(&'static str, Value)>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let mut around: Vec<(&'static str, Value)> = Vec::new();
    for span in context.event_scope(event).into_iter().flatten() {
        if let Some(fields) = span.extensions().get::<Fields>() {
            for (name, value) in fields.iter() {
                // From the inside out: the nearest span has the word.
                if !around.iter().any(|(known, _)| *known == name) {
                    around.push((name, value.clone()));
                }
            }
        }
    }
    around
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_have_three_decimals() {
        let took = Duration::from_nanos(61_262_412);
        assert_eq!(milliseconds(took).to_string(), "61.262");
    }

    #[test]
    fn a_filter_that_is_not_understood_is_named() {
        let settings = LogSettings {
            filter: "info,=,=nonsense".to_owned(),
            ..LogSettings::default()
        };
        assert!(
            init(&settings)
                .unwrap_err()
                .to_string()
                .contains("=nonsense")
        );
    }
}
