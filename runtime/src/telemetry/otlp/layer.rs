//! Turns spans of `tracing` that end into spans of a trace.

use std::fmt::Debug;
use std::time::SystemTime;

use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::export::Export;
use crate::telemetry::spans;

/// Takes spans that end to their export.
pub(super) struct SpanLayer(Export);

impl SpanLayer {
    pub(super) fn new(export: Export) -> Self {
        Self(export)
    }
}

impl<S> Layer<S> for SpanLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().target() == spans::TARGET
            && let Some(span) = context.span(id)
        {
            let mut begun = Begun::now();
            attributes.record(&mut begun);
            span.extensions_mut().insert(begun);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(begun) = span.extensions_mut().get_mut::<Begun>()
        {
            values.record(begun);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let begun = context
            .span(&id)
            .and_then(|span| span.extensions_mut().remove::<Begun>());
        if let Some(begun) = begun {
            self.0.take(begun.ended());
        }
    }
}

/// A span that is under way.
struct Begun {
    start: SystemTime,
    name: String,
    kind: SpanKind,
    trace: TraceId,
    span: SpanId,
    parent: SpanId,
    error: Option<String>,
    attributes: Vec<KeyValue>,
}

impl Begun {
    fn now() -> Self {
        Self {
            start: SystemTime::now(),
            name: String::new(),
            kind: SpanKind::Internal,
            trace: TraceId::INVALID,
            span: SpanId::INVALID,
            parent: SpanId::INVALID,
            error: None,
            attributes: Vec::new(),
        }
    }

    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        let (name, value) = (field.name(), value.into());
        match self
            .attributes
            .iter_mut()
            .find(|known| known.key.as_str() == name)
        {
            Some(known) => known.value = value,
            None => self.attributes.push(KeyValue::new(name, value)),
        }
    }

    fn ended(self) -> SpanData {
        let remote = matches!(self.kind, SpanKind::Server | SpanKind::Consumer);
        SpanData {
            span_context: SpanContext::new(
                self.trace,
                self.span,
                TraceFlags::SAMPLED,
                false,
                TraceState::NONE,
            ),
            parent_span_id: self.parent,
            parent_span_is_remote: remote && self.parent != SpanId::INVALID,
            span_kind: self.kind,
            name: self.name.into(),
            start_time: self.start,
            end_time: SystemTime::now(),
            attributes: self.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: self.error.map_or(Status::Unset, Status::error),
            instrumentation_scope: InstrumentationScope::builder("msarch-runtime").build(),
        }
    }
}

impl Visit for Begun {
    fn record_u128(&mut self, field: &Field, value: u128) {
        if field.name() == "otel.trace" {
            self.trace = TraceId::from_bytes(value.to_be_bytes());
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "otel.span" => self.span = SpanId::from_bytes(value.to_be_bytes()),
            "otel.parent" => self.parent = SpanId::from_bytes(value.to_be_bytes()),
            _ => self.put(field, i64::try_from(value).unwrap_or(i64::MAX)),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "otel.name" => value.clone_into(&mut self.name),
            "otel.error" => self.error = Some(value.to_owned()),
            "otel.kind" => {
                self.kind = match value {
                    "server" => SpanKind::Server,
                    "client" => SpanKind::Client,
                    "producer" => SpanKind::Producer,
                    "consumer" => SpanKind::Consumer,
                    _ => SpanKind::Internal,
                }
            }
            _ => self.put(field, value.to_owned()),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, format!("{value:?}"));
    }
}
