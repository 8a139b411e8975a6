//! Metrics of the business, and what moves them.

use serde::Serialize;

use crate::model::arena::{EndpointId, EventId, SagaId, ServiceId};
use crate::model::effect::{Path, Root};
use crate::model::name::Name;
use crate::model::platform::{Metric, MetricKind, MetricSource};
use crate::model::service::Party;
use crate::plan::expr::{self, Bindings, Shape};
use crate::plan::rust::{RustType, Scope, float, sentence, string};
use crate::plan::types::Types;
use crate::syntax::source::Span;

/// `metrics.rs` of a service.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MetricsPlan {
    /// What the file imports.
    pub imports: Scope,
    /// The metrics.
    pub metrics: Vec<MetricPlan>,
}

/// One metric.
#[derive(Debug, Clone, Serialize)]
pub struct MetricPlan {
    /// The field.
    pub field: String,
    /// What it says, as a sentence.
    pub doc: String,
    /// Its type, spelt.
    pub ty: String,
    /// The call that registers it.
    pub register: String,
    /// What moves it, where an event does.
    pub counted: Option<Counted>,
}

/// An event that moves a metric when it is published.
#[derive(Debug, Clone, Serialize)]
pub struct Counted {
    /// The consumer's struct.
    pub name: String,
    /// Its name among all consumers.
    pub group: String,
    /// The event's type, spelt.
    pub ty: String,
    /// The event's name.
    pub event: String,
    /// The call that moves the metric.
    pub call: String,
    /// How the handler names the event.
    pub bound: String,
}

/// The metrics that a service exposes.
pub fn metrics(types: &Types<'_>, id: ServiceId) -> MetricsPlan {
    let lib = types.names.service_lib(id);
    let mut scope = Scope::new(format!("{lib}::metrics"));
    scope.define("BusinessMetrics");
    let mine = types
        .model
        .observability
        .metrics
        .iter()
        .filter(|metric| metric.services.contains(&id));
    let metrics: Vec<MetricPlan> = mine
        .map(|metric| plan(types, id, metric, &mut scope))
        .collect();
    if !metrics.is_empty() {
        scope.import("msarch_runtime::telemetry::Metrics");
    }
    if metrics.iter().any(|metric| metric.counted.is_some()) {
        scope.all([
            "async_trait::async_trait",
            "msarch_runtime::messaging::Consumer",
            "msarch_runtime::problem::Result",
            "msarch_runtime::storage::UnitOfWork",
        ]);
    }
    MetricsPlan {
        imports: scope,
        metrics,
    }
}

fn plan(types: &Types<'_>, id: ServiceId, metric: &Metric, scope: &mut Scope) -> MetricPlan {
    let (kind, method) = match metric.kind {
        MetricKind::Counter => ("Counter", "counter"),
        MetricKind::Gauge => ("Gauge", "gauge"),
        MetricKind::Histogram => ("Histogram", "histogram"),
    };
    let name = scope.import(&format!("msarch_runtime::telemetry::{kind}"));
    let labels: Vec<String> = metric
        .labels
        .iter()
        .map(|label| string(label.name.as_str()))
        .collect();
    let buckets: Vec<String> = metric.buckets.iter().map(|bucket| float(*bucket)).collect();
    let buckets = if metric.kind == MetricKind::Histogram {
        format!(", &[{}]", buckets.join(", "))
    } else {
        String::new()
    };
    let arguments = format!(
        "{}, {}, [{}]{buckets}",
        string(metric.name.as_str()),
        string(&metric.help),
        labels.join(", ")
    );
    let counted = match metric.on {
        Some(MetricSource::Event(event)) => Some(counted(types, id, metric, event, scope)),
        _ => None,
    };
    MetricPlan {
        field: metric.name.identifier(),
        doc: sentence(Some(&metric.help), metric.name.as_str()),
        ty: format!("{name}<{}>", metric.labels.len()),
        register: format!("metrics.{method}({arguments})"),
        counted,
    }
}

/// The consumer that moves a metric when an event is published.
fn counted(
    types: &Types<'_>,
    service: ServiceId,
    metric: &Metric,
    event: EventId,
    scope: &mut Scope,
) -> Counted {
    let declared = &types.model.events[event];
    let version = declared.versions.len() - 1;
    let name = format!("Move{}", metric.name.pascal());
    scope.define(&name);
    let ty = scope.import(&types.names.event_type(event, version));
    let shape = Bindings::event_shape(types, event, version);
    let bindings = Bindings::new(types).with(Root::Event, "event", shape);
    let call = format!("self.0.{}", moved(metric, &bindings, scope));
    let bound = if call.contains("event.") {
        "event"
    } else {
        "_event"
    };
    Counted {
        group: format!(
            "{}.metric-{}",
            types.names.party(Party::Service(service)),
            metric.name.kebab()
        ),
        bound: bound.to_owned(),
        event: declared.name.as_str().to_owned(),
        name,
        ty,
        call,
    }
}

/// The calls that move metrics when an operation has succeeded; its answer is in `output`.
pub fn of_endpoint(
    types: &Types<'_>,
    service: ServiceId,
    id: EndpointId,
    resource: Option<String>,
    scope: &mut Scope,
) -> Vec<String> {
    let library = types.names.contract_lib(Party::Service(service));
    let mut bindings = Bindings::new(types);
    if let Some(owner) = resource {
        let record = Root::Bound(Name::new("record", Span::default()));
        bindings.bind(record, "output", Shape::Struct { owner, library });
    }
    let mine = types
        .model
        .observability
        .metrics
        .iter()
        .filter(|metric| metric.services.contains(&service));
    let on =
        mine.filter(|metric| matches!(metric.on, Some(MetricSource::Endpoint(on)) if on == id));
    on.map(|metric| format!("app.metrics.{};", moved(metric, &bindings, scope)))
        .collect()
}

/// The calls that move metrics when a saga's step is done; what it worked on is in `done`.
pub fn of_step(
    types: &Types<'_>,
    service: ServiceId,
    (saga, step): (SagaId, usize),
    input: &Shape,
    scope: &mut Scope,
) -> Vec<String> {
    let bindings = Bindings::new(types).with(Root::Input, "done", input.clone());
    let mine = types
        .model
        .observability
        .metrics
        .iter()
        .filter(|metric| metric.services.contains(&service));
    mine.filter(|metric| metric.on == Some(MetricSource::Step(saga, step)))
        .map(|metric| format!("metrics.{};", moved(metric, &bindings, scope)))
        .collect()
}

/// `orders_total.inc([...])`.
fn moved(metric: &Metric, bindings: &Bindings<'_>, scope: &mut Scope) -> String {
    let labels: Vec<String> = metric
        .labels
        .iter()
        .map(|label| {
            label.source.as_ref().map_or_else(
                || "\"unknown\"".to_owned(),
                |path| word(path, bindings, scope),
            )
        })
        .collect();
    let labels = format!("[{}]", labels.join(", "));
    let field = metric.name.identifier();
    let number = metric
        .value
        .as_ref()
        .map(|path| expr::path(path, bindings, scope));
    match (metric.kind, number) {
        (MetricKind::Counter, Some((found, RustType::Integer))) => {
            format!(
                "{field}.inc_by({labels}, u64::try_from({}).unwrap_or_default())",
                found.text
            )
        }
        (MetricKind::Counter, _) => format!("{field}.inc({labels})"),
        (kind, number) => {
            let method = if kind == MetricKind::Gauge {
                "add"
            } else {
                "observe"
            };
            let value = number.map_or_else(
                || "1.0".to_owned(),
                |(found, ty)| as_float(&found.text, &ty),
            );
            format!("{field}.{method}({labels}, {value})")
        }
    }
}

fn as_float(text: &str, ty: &RustType) -> String {
    match ty {
        RustType::Integer => format!("{text} as f64"),
        RustType::Decimal => format!("f64::try_from({text}).unwrap_or_default()"),
        RustType::Option(inner) if inner.is_copy() => {
            as_float(&format!("{text}.unwrap_or_default()"), inner)
        }
        RustType::Number => text.to_owned(),
        _ => "1.0".to_owned(),
    }
}

/// A label's value, lent.
fn word(path: &Path, bindings: &Bindings<'_>, scope: &mut Scope) -> String {
    let (found, ty) = expr::path(path, bindings, scope);
    let text = found.text;
    match &ty {
        RustType::Enum(_) | RustType::String => format!("{text}.as_str()"),
        RustType::Option(inner) => match **inner {
            RustType::Enum(_) => format!("{text}.map_or(\"unknown\", |value| value.as_str())"),
            RustType::String => format!("{text}.as_deref().unwrap_or(\"unknown\")"),
            _ => format!("&{text}.map_or_else(String::new, |value| value.to_string())"),
        },
        RustType::Struct(_) | RustType::Vec(_) | RustType::Json => "\"unknown\"".to_owned(),
        _ => format!("&{text}.to_string()"),
    }
}
