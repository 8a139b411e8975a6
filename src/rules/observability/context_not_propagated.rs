//! A trace that begins behind the gateway, or an id that a proxy replaces, leads to half of a story.

use crate::graph::Graph;
use crate::model::Model;
use crate::model::gateway::Middleware;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("context-not-propagated"),
    family: Family::Observability,
    severity: Severity::Info,
    required: false,
    summary: "the gateway takes no part in traces, or the correlation id has a header of trace formats",
    docs: include_str!("context_not_propagated.md"),
    check: Check::Graph(check),
};

/// Headers that carry trace contexts, and the formats that they belong to.
const TAKEN: &[(&str, &str)] = &[
    ("traceparent", "W3C Trace Context"),
    ("tracestate", "W3C Trace Context"),
    ("baggage", "W3C Baggage"),
    ("b3", "B3"),
    ("x-b3-traceid", "B3"),
    ("x-b3-spanid", "B3"),
    ("uber-trace-id", "Jaeger"),
    ("x-amzn-trace-id", "AWS X-Ray"),
    ("x-cloud-trace-context", "Google Cloud Trace"),
];

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    broken(graph.model)
        .into_iter()
        .chain(taken(graph.model))
        .collect()
}

/// Services export traces, and the gateway neither takes over nor begins one.
fn broken(model: &Model) -> Option<Finding> {
    model.observability.otlp_endpoint.as_ref()?;
    if model.observability.untraced.is_some() {
        return None;
    }
    let (span, help) = untraced_gateway(model)?;
    let message = "services export their traces, and the gateway takes no part in them: none shows the way in";
    Some(
        RULE.finding(span, message)
            .here("leaves tracing out")
            .about("gateway")
            .help(help),
    )
}

fn untraced_gateway(model: &Model) -> Option<(Span, &'static str)> {
    let gateway = model.gateway.as_ref()?;
    let passed = &gateway.middleware;
    if passed.is_empty() {
        let monitoring = gateway.monitoring.as_ref()?;
        let help = "write `tracing: true` under `monitoring`, or leave it out";
        return (!monitoring.tracing).then_some((monitoring.span, help));
    }
    let traced = passed.iter().any(|item| item.value == Middleware::Tracing);
    // Where something is listed, the list says what is passed.
    let first = passed.first().filter(|_| !traced)?;
    Some((first.span, "list `tracing` first under `middleware`"))
}

fn taken(model: &Model) -> Option<Finding> {
    let span = model.observability.correlation_span?;
    let header = model.observability.correlation_header.as_str();
    let (_, format) = TAKEN.iter().find(|(name, _)| *name == header)?;
    let message = format!(
        "correlation ids travel in {header}, which belongs to {format}: who takes part in traces replaces them"
    );
    Some(
        RULE.finding(span, message)
            .here("read and written by others")
            .about("logging")
            .help("write `correlation_header: x-correlation-id`; traceparent is passed on beside it in any case"),
    )
}
