//! A metric of the business that Prometheus would refuse, or that would not say what its name promises.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::Model;
use crate::model::name::Name;
use crate::model::platform::{Metric, MetricKind};
use crate::model::types::Type;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("malformed-metric"),
    family: Family::Values,
    severity: Severity::Error,
    required: true,
    summary: "a metric has a name, label, bucket or value that metrics cannot have",
    docs: include_str!("malformed_metric.md"),
    check: Check::Graph(check),
};

/// What services tell of themselves, with the kind of each.
const BUILT_IN: &[(&str, MetricKind)] = &[
    ("cache_requests_total", MetricKind::Counter),
    ("circuit_breaker_state", MetricKind::Gauge),
    ("client_request_duration_seconds", MetricKind::Histogram),
    ("client_retries_total", MetricKind::Counter),
    ("consumer_waiting", MetricKind::Gauge),
    ("database_connections", MetricKind::Gauge),
    ("database_connections_max", MetricKind::Gauge),
    ("dead_letters", MetricKind::Gauge),
    ("http_request_duration_seconds", MetricKind::Histogram),
    ("http_requests_in_flight", MetricKind::Gauge),
    ("http_requests_total", MetricKind::Counter),
    ("messages_lag", MetricKind::Gauge),
    ("messages_received_total", MetricKind::Counter),
    ("outbox_messages_waiting", MetricKind::Gauge),
    ("process_start_time_seconds", MetricKind::Gauge),
    ("sagas", MetricKind::Gauge),
    ("traces_spans_total", MetricKind::Counter),
    ("worker_restarts_total", MetricKind::Counter),
];

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let metrics = &graph.model.observability.metrics;
    let mut findings: Vec<Finding> = metrics
        .iter()
        .flat_map(|metric| of_metric(graph.model, metric))
        .collect();
    let mut told: BTreeMap<String, Option<&Metric>> = BUILT_IN
        .iter()
        .flat_map(|(name, kind)| series(name, *kind))
        .map(|name| (name, None))
        .collect();
    for metric in metrics {
        let own = series(metric.name.as_str(), metric.kind);
        if let Some(taken) = own.iter().find(|name| told.contains_key(*name)) {
            findings.push(twice(metric, taken, told[taken]));
        }
        for name in own {
            told.entry(name).or_insert(Some(metric));
        }
    }
    findings
}

/// Every name that Prometheus sees of a metric, and the bare one, of which there can be one only.
fn series(name: &str, kind: MetricKind) -> Vec<String> {
    let bare = name.strip_suffix("_total").unwrap_or(name);
    let endings: &[&str] = match kind {
        MetricKind::Counter => &["_total", ""],
        MetricKind::Gauge => &[""],
        MetricKind::Histogram => &["", "_bucket", "_count", "_sum"],
    };
    endings
        .iter()
        .map(|ending| format!("{bare}{ending}"))
        .collect()
}

fn twice(metric: &Metric, series: &str, first: Option<&Metric>) -> Finding {
    let name = &metric.name;
    let message = match first {
        Some(first) => format!(
            "metric {name}: {} has the series {series} already",
            first.name
        ),
        None => format!("metric {name}: every service has a metric with the series {series}"),
    };
    let finding = finding(metric, name.span(), message, "give it another name");
    match first {
        Some(first) => finding.label(first.name.span(), "first here"),
        None => finding,
    }
}

fn of_metric(model: &Model, metric: &Metric) -> Vec<Finding> {
    let name = &metric.name;
    let mut findings = Vec::new();
    let mut tell = |span: Span, what: &str, help: &str| {
        findings.push(finding(
            metric,
            span,
            format!("metric {name}: {what}"),
            help,
        ));
    };
    if name.as_str().contains('-') {
        let help = format!("write {}", name.snake());
        tell(name.span(), "names of metrics have no `-`", &help);
    }
    if metric.kind != MetricKind::Counter && name.as_str().ends_with("_total") {
        tell(
            name.span(),
            "a name that ends in `_total` is that of a counter",
            "take the ending away, or say `type: counter`",
        );
    }
    findings.extend(of_labels(metric));
    findings.extend(of_buckets(metric));
    findings.extend(of_value(model, metric));
    findings
}

fn of_labels(metric: &Metric) -> Vec<Finding> {
    let name = &metric.name;
    let mut findings = Vec::new();
    let mut tell = |span: Span, what: &str, help: &str| {
        findings.push(finding(
            metric,
            span,
            format!("metric {name}: {what}"),
            help,
        ));
    };
    for label in &metric.labels {
        let at = label.name.span();
        if let Some(fault) = fault_of(&label.name) {
            tell(
                at,
                &format!("label {} {fault}", label.name),
                "letters, digits and `_`, beginning with a letter: payment_method",
            );
        } else if metric.on.is_some() && label.source.is_none() && label.name.as_str() != "service"
        {
            tell(
                at,
                &format!(
                    "nothing that is known when it moves is called {}",
                    label.name
                ),
                "name the label like a field of what moves the metric, or leave it out",
            );
        }
    }
    findings
}

fn of_buckets(metric: &Metric) -> Vec<Finding> {
    let name = &metric.name;
    let mut findings = Vec::new();
    let mut tell = |span: Span, what: &str, help: &str| {
        findings.push(finding(
            metric,
            span,
            format!("metric {name}: {what}"),
            help,
        ));
    };
    let is_histogram = metric.kind == MetricKind::Histogram;
    if is_histogram && metric.buckets.is_empty() {
        tell(
            name.span(),
            "a histogram without buckets tells no distribution",
            "write the upper bounds, ascending: `buckets: [10, 100, 1000]`",
        );
    }
    if !is_histogram && !metric.buckets.is_empty() {
        tell(
            name.span(),
            "only a histogram has buckets",
            "say `type: histogram`, or leave the buckets out",
        );
    }
    if metric.buckets.iter().any(|bucket| !bucket.is_finite()) {
        tell(
            name.span(),
            "a bucket is no number",
            "leave it out: values above the last bucket are counted anyway",
        );
    }
    findings
}

fn of_value(model: &Model, metric: &Metric) -> Vec<Finding> {
    let name = &metric.name;
    let mut findings = Vec::new();
    let mut tell = |span: Span, what: &str, help: &str| {
        findings.push(finding(
            metric,
            span,
            format!("metric {name}: {what}"),
            help,
        ));
    };
    if let Some(value) = &metric.value {
        let ty = model.resolved(&value.ty);
        match (metric.kind, ty) {
            (_, Type::Unknown)
            | (MetricKind::Counter, Type::Integer)
            | (
                MetricKind::Gauge | MetricKind::Histogram,
                Type::Integer | Type::Number | Type::Decimal,
            ) => {}
            (MetricKind::Counter, _) => tell(
                value.span,
                "a counter counts by an integer",
                "refer to an integer; amounts are for `type: histogram` or `type: gauge`",
            ),
            _ => tell(
                value.span,
                "its value is no number",
                "refer to an integer, a number or a decimal",
            ),
        }
    }
    findings
}

/// What keeps a label's name from being one.
fn fault_of(label: &Name) -> Option<&'static str> {
    let text = label.as_str();
    let plain = |char: char| char.is_ascii_alphanumeric() || char == '_';
    if text.starts_with("__") || text == "le" {
        Some("is kept by Prometheus for itself")
    } else if text.is_empty()
        || !text.chars().all(plain)
        || text.starts_with(|char: char| char.is_ascii_digit())
    {
        Some("is no name of a label")
    } else {
        None
    }
}

fn finding(metric: &Metric, span: Span, message: String, help: &str) -> Finding {
    RULE.finding(span, message)
        .here("here")
        .about(metric.name.as_str())
        .help(help)
}
