//! What is switched off is missed on the day on which it is needed.

use crate::graph::Graph;
use crate::model::Model;
use crate::model::gateway::{Gateway, Middleware};
use crate::model::platform::Target;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("telemetry-or-health-missing"),
    family: Family::Observability,
    severity: Severity::Warn,
    required: false,
    summary: "metrics, logs or traces are switched off, or go where nobody takes them",
    docs: include_str!("telemetry_or_health_missing.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let model = graph.model;
    let blind = model.gateway.as_ref().and_then(blind);
    blind
        .into_iter()
        .chain(untraced(model))
        .chain(thrift(model))
        .collect()
}

/// A gateway that neither counts nor writes down what comes in. Its traces are another rule's: they are broken, not missing.
fn blind(gateway: &Gateway) -> Option<Finding> {
    // Where something is listed, the list says what is passed.
    let (off, span, help) = if gateway.middleware.is_empty() {
        switched_off(gateway)?
    } else {
        left_out(gateway)?
    };
    let message = format!(
        "the gateway keeps no {}",
        words::list(off).replace(" and ", " and no ")
    );
    Some(
        RULE.finding(span, message)
            .here("leaves it out")
            .about("gateway")
            .help(help),
    )
}

/// What is missing, where that is said, and what to do.
type Off = (Vec<&'static str>, Span, &'static str);

fn switched_off(gateway: &Gateway) -> Option<Off> {
    let monitoring = gateway.monitoring.as_ref()?;
    let off = [
        (!monitoring.metrics).then_some("metrics"),
        (!monitoring.access_log).then_some("access log"),
    ];
    let off: Vec<&str> = off.into_iter().flatten().collect();
    let help = "leave it to its default under `monitoring`, which is on";
    (!off.is_empty()).then_some((off, monitoring.span, help))
}

fn left_out(gateway: &Gateway) -> Option<Off> {
    let passed = &gateway.middleware;
    let first = passed.first()?;
    let lacks = |kind| passed.iter().all(|item| item.value != kind);
    let off = [
        lacks(Middleware::Metrics).then_some("metrics"),
        lacks(Middleware::Logging).then_some("access log"),
    ];
    let off: Vec<&str> = off.into_iter().flatten().collect();
    let help = "list tracing, metrics and logging first under `middleware`";
    (!off.is_empty()).then_some((off, first.span, help))
}

/// Traces are not worth an exporter on a desk.
fn untraced(model: &Model) -> Option<Finding> {
    let span = model.observability.untraced?;
    let targets = &model.deployment.targets;
    let deployed = targets.is_empty() || targets.iter().any(|target| *target != Target::Local);
    deployed.then(|| {
        RULE.finding(span, "no trace leaves the system where it is deployed")
            .here("drops them all")
            .about("tracing")
            .help("write `exporter: otlp` and a `sample_ratio` above 0, or `targets: [local]` under `deployment`")
    })
}

/// The port and the path of Jaeger's own protocol, which its exporters spoke until they were removed.
fn thrift(model: &Model) -> Option<Finding> {
    let observability = &model.observability;
    let (endpoint, span) = (
        observability.otlp_endpoint.as_ref()?,
        observability.otlp_span?,
    );
    let is_jaegers = endpoint.contains(":14268")
        || endpoint.contains(":6831")
        || endpoint.ends_with("/api/traces");
    is_jaegers.then(|| {
        let message = format!("traces go to {endpoint}, which takes Jaeger's own protocol and no OTLP");
        RULE.finding(span, message)
            .here("refuses what is sent there")
            .about("tracing")
            .help("name the OTLP port of the collector: `http://otel-collector:4318`; Jaeger has one too")
    })
}
