//! The spans that go into traces, with the names of OpenTelemetry's semantic conventions. Each stands for the place in the
//! trace that the [context](crate::context) has already given to its work, and that calls and messages carry on; so the spans
//! of all services join into one tree.
//!
//! They have a target of their own: nothing makes them where nothing exports them, and no log line repeats their fields.

use http::{Method, Uri};
use tracing::Span;
use tracing::field::Empty;
use uuid::Uuid;

use crate::context::TraceContext;
use crate::messaging::Envelope;

/// The target of exported spans.
pub(crate) const TARGET: &str = "msarch::trace";

macro_rules! span {
    ($trace:expr, $kind:literal, $name:expr, $($fields:tt)*) => {{
        let trace: &TraceContext = $trace;
        if is_recorded(trace) {
            tracing::info_span!(
                target: TARGET,
                "span",
                otel.kind = $kind,
                otel.name = $name,
                otel.trace = trace.trace_id().number(),
                otel.span = trace.span_id().number(),
                otel.parent = trace.parent_id().map(|parent| parent.number()),
                otel.error = Empty,
                error.r#type = Empty,
                $($fields)*
            )
        } else {
            Span::none()
        }
    }};
}

/// Whether there is to be a span.
fn is_recorded(trace: &TraceContext) -> bool {
    #[cfg(all(test, feature = "otlp"))]
    super::otlp::collector::subscribe();
    trace.sampled()
}

/// A request that is served.
pub(crate) fn server(trace: &TraceContext, method: &str, path: &str) -> Span {
    span!(
        trace,
        "server",
        method,
        http.request.method = method,
        url.path = path,
        url.scheme = "http",
        http.route = Empty,
        http.response.status_code = Empty,
    )
}

/// What became of a request that was served.
pub(crate) fn served(span: &Span, method: &str, route: &str, status: u16) {
    if span.is_disabled() {
        return;
    }
    if route != "unmatched" {
        span.record("otel.name", format!("{method} {route}"));
        span.record("http.route", route);
    }
    span.record("http.response.status_code", status);
    if status >= 500 {
        failed(span, &status.to_string(), "");
    }
}

/// A call to another service: one try.
pub(crate) fn client(
    trace: &TraceContext,
    method: &Method,
    template: &str,
    (target, base): (&str, &str),
    attempt: u32,
) -> Span {
    let span = span!(
        trace,
        "client",
        format!("{method} {template}"),
        http.request.method = method.as_str(),
        url.template = template,
        service.peer.name = target,
        server.address = Empty,
        server.port = Empty,
        http.request.resend_count = (attempt > 1).then(|| attempt - 1),
        http.response.status_code = Empty,
    );
    if !span.is_disabled()
        && let Ok(base) = base.parse::<Uri>()
    {
        span.record("server.address", base.host());
        span.record("server.port", base.port_u16());
    }
    span
}

/// A message that goes to the broker.
pub(crate) fn producer(trace: &TraceContext, broker: &str, message: &Envelope) -> Span {
    span!(
        trace, "producer", format!("send {}", message.topic),
        messaging.system = broker,
        messaging.operation.r#type = "send",
        messaging.operation.name = "send",
        messaging.destination.name = message.topic,
        messaging.message.id = %message.id,
        messaging.message.conversation_id = message.correlation_id,
        event.name = message.name,
    )
}

/// A delivery that is worked on.
pub(crate) fn consumer(
    trace: &TraceContext,
    broker: &str,
    group: &str,
    message: &Envelope,
    attempt: u32,
) -> Span {
    span!(
        trace, "consumer", format!("process {}", message.topic),
        messaging.system = broker,
        messaging.operation.r#type = "process",
        messaging.operation.name = "process",
        messaging.destination.name = message.topic,
        messaging.consumer.group.name = group,
        messaging.message.id = %message.id,
        messaging.message.conversation_id = message.correlation_id,
        messaging.message.delivery_attempt = attempt,
        event.name = message.name,
    )
}

/// A piece of a saga's work.
pub(crate) fn saga(trace: &TraceContext, saga: &str, id: Uuid, what: &str) -> Span {
    span!(
        trace, "internal", format!("saga {saga} {what}"),
        saga.name = saga,
        saga.id = %id,
        saga.work = what,
    )
}

/// The work of a span failed: with a word for counting, and a sentence.
pub(crate) fn failed(span: &Span, kind: &str, reason: &str) {
    span.record("error.type", kind);
    span.record("otel.error", reason);
}
