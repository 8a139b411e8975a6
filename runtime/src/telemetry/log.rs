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
    use std::sync::Arc;

    use tracing::Instrument;
    use tracing::instrument::WithSubscriber;

    use axum::response::IntoResponse;

    use super::*;
    use crate::context::RequestContext;
    use crate::problem::Problem;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    async fn logged(format: LogFormat, work: impl Future<Output = ()>) -> String {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::registry().with(LogLayer::new(format, lines.clone()));
        work.with_subscriber(subscriber).await;
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn a_json_record_names_service_trace_and_correlation() {
        let context = RequestContext::root();
        let (trace, correlation) = (context.trace.clone(), context.correlation_id.to_string());
        let line = logged(LogFormat::Json, async {
            let work = async { tracing::info!(order.id = 7, "order placed") };
            context.scope(work).instrument(service_span("orders")).await;
        })
        .await;
        let record: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(record["message"], "order placed");
        assert_eq!(record["level"], "INFO");
        assert_eq!(record["service"], "orders");
        assert_eq!(record["trace_id"], trace.trace_id().to_string());
        assert_eq!(record["span_id"], trace.span_id().to_string());
        assert_eq!(record["correlation_id"], correlation);
        assert_eq!(record["order.id"], 7);
        assert!(record["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    #[tokio::test]
    async fn a_refusal_is_no_error_and_a_failure_is() {
        for (problem, level) in [
            (Problem::conflict("taken").with_source("unique"), "INFO"),
            (Problem::internal("broken"), "ERROR"),
        ] {
            let answer = async { drop(problem.into_response()) };
            let line = logged(LogFormat::Json, answer).await;
            let record: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(record["level"], level, "{line}");
        }
    }

    #[test]
    fn milliseconds_have_three_decimals() {
        let took = Duration::from_nanos(61_262_412);
        assert_eq!(milliseconds(took).to_string(), "61.262");
    }

    #[tokio::test]
    async fn services_in_one_process_are_told_apart() {
        let lines = logged(LogFormat::Human, async {
            async { tracing::info!("one") }
                .instrument(service_span("orders"))
                .await;
            async { tracing::info!("two") }
                .instrument(service_span("stock"))
                .await;
        })
        .await;
        let lines: Vec<_> = lines.lines().collect();
        assert!(
            lines[0].starts_with("orders ") && lines[0].contains("one"),
            "{}",
            lines[0]
        );
        assert!(
            lines[1].starts_with("stock ") && lines[1].contains("two"),
            "{}",
            lines[1]
        );
    }

    #[tokio::test]
    async fn the_nearest_span_has_the_word() {
        let line = logged(LogFormat::Json, async {
            let (outer, inner) = (RequestContext::root(), RequestContext::root());
            let expected = inner.correlation_id.to_string();
            outer
                .scope(inner.scope(async move { tracing::info!(expected, "nested") }))
                .await;
        })
        .await;
        let record: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(record["correlation_id"], record["expected"]);
    }

    #[tokio::test]
    async fn a_record_stays_on_one_line_whatever_it_says() {
        for format in [LogFormat::Json, LogFormat::Human] {
            let text = "first\nsecond {\"level\":\"forged\"}";
            let lines = logged(format, async { tracing::warn!(text, "{text}") }).await;
            assert_eq!(lines.lines().count(), 1, "{lines}");
        }
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
