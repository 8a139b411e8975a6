//! Each value of a label is a time series of its own, kept in memory for as long as it is looked at.

use crate::graph::Graph;
use crate::model::Model;
use crate::model::platform::{Metric, MetricLabel};
use crate::model::types::Type;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("high-cardinality-label"),
    family: Family::Observability,
    severity: Severity::Warn,
    required: false,
    summary: "a label of a metric has values without end, or all labels together more than 10,000",
    docs: include_str!("high_cardinality_label.md"),
    check: Check::Limited {
        limit: 10_000.0,
        check,
    },
};

/// Words that a label ends in when it tells one thing from all others.
const SINGLE: &[&str] = &[
    "id",
    "uuid",
    "guid",
    "email",
    "phone",
    "url",
    "uri",
    "path",
    "token",
    "timestamp",
];

fn check(graph: &Graph<'_>, limit: f64) -> Vec<Finding> {
    let model = graph.model;
    let mut findings = Vec::new();
    for metric in &model.observability.metrics {
        let unbounded = metric
            .labels
            .iter()
            .filter_map(|label| Some((label, endless(model, label)?)));
        let before = findings.len();
        findings.extend(unbounded.map(|(label, why)| of_label(metric, label, why)));
        if findings.len() == before {
            findings.extend(of_product(model, metric, limit));
        }
    }
    findings
}

/// Why a label has no end of values; none where it has, or where that is not known.
fn endless(model: &Model, label: &MetricLabel) -> Option<&'static str> {
    if !label.values.is_empty() {
        return None;
    }
    let Some(source) = &label.source else {
        let last = label.name.snake().rsplit('_').next()?;
        return SINGLE
            .contains(&last)
            .then_some("by its name, it tells one thing from all others");
    };
    match model.resolved(&source.ty) {
        Type::Uuid => Some("its value is an identifier"),
        Type::String => Some("its value is any text"),
        Type::Timestamp | Type::Date => Some("its value is a time"),
        Type::Number | Type::Decimal => Some("its value is any number"),
        Type::Json | Type::Array(_) => Some("its value is anything"),
        // How far whole numbers go is not known here.
        Type::Integer | Type::Boolean | Type::Enum(_) | Type::Named(_) | Type::Unknown => None,
    }
}

fn of_label(metric: &Metric, label: &MetricLabel, why: &str) -> Finding {
    let (name, label) = (&metric.name, &label.name);
    RULE.finding(
        label.span(),
        format!("label {label} of metric {name} has no end of values: {why}"),
    )
    .here("a time series for each value")
    .about(name.as_str())
    .about(label.as_str())
    .help(format!(
        "leave {label} out and find it in the logs, or list its values: `{label}: [a, b, c]`"
    ))
}

fn of_product(model: &Model, metric: &Metric, limit: f64) -> Option<Finding> {
    let mut product = 1_u64;
    let mut parts = Vec::new();
    for label in &metric.labels {
        let count = count(model, label)?;
        product = product.saturating_mul(count);
        parts.push(format!("{} {count}", label.name));
    }
    let last = metric.labels.last()?;
    if product as f64 <= limit {
        return None;
    }
    let name = &metric.name;
    let message = format!(
        "metric {name} has {} combinations of labels ({}), more than {}",
        words::thousands(product),
        words::some(parts, 6),
        words::thousands(limit as u64)
    );
    Some(
        RULE.finding(name.span(), message)
            .here("a time series for each combination")
            .label(last.name.span(), "multiplies")
            .about(name.as_str())
            .help(
                "leave out the label that is asked for least, or make a metric of its own for it",
            ),
    )
}

/// How many values a label has, where that is known.
fn count(model: &Model, label: &MetricLabel) -> Option<u64> {
    if !label.values.is_empty() {
        return u64::try_from(label.values.len()).ok();
    }
    let ty = &label.source.as_ref()?.ty;
    match (model.words(ty), model.resolved(ty)) {
        (Some(words), _) => u64::try_from(words.len()).ok(),
        (None, Type::Boolean) => Some(2),
        (None, _) => None,
    }
}
