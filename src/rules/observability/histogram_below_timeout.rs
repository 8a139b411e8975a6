//! A histogram that ends before the waiting does says nothing about the requests that hurt.

use std::time::Duration;

use crate::graph::Graph;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("histogram-below-timeout"),
    family: Family::Observability,
    severity: Severity::Info,
    required: false,
    summary: "the last bucket of the durations ends before the longest timeout",
    docs: include_str!("histogram_below_timeout.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    finding(graph).into_iter().collect()
}

fn finding(graph: &Graph<'_>) -> Option<Finding> {
    let observability = &graph.model.observability;
    let span = observability.buckets_span?;
    let largest = observability.buckets.iter().copied();
    let largest = largest
        .filter(|bucket| bucket.is_finite())
        .reduce(f64::max)?;
    let (longest, place, what) = longest(graph)?;
    if longest.as_secs_f64() <= largest {
        return None;
    }
    let largest = Duration::try_from_secs_f64(largest).ok()?;
    let (most, least) = (words::duration(longest), words::duration(largest));
    let message = format!(
        "the buckets end at {least}, and {what} waits for {most}: what takes longer is counted, not measured"
    );
    Some(
        RULE.finding(span, message)
            .here(format!("the last bucket is {least}"))
            .label(place, format!("up to {most}"))
            .about("metrics")
            .help(format!(
                "add buckets up to {}, or shorten the timeout",
                longest.as_secs_f64()
            )),
    )
}

/// The longest wait for an answer: of a route, of the mesh, of a call.
fn longest(graph: &Graph<'_>) -> Option<(Duration, Span, String)> {
    let model = graph.model;
    let routes = model.gateway.iter().flat_map(|gateway| &gateway.routes);
    let routes = routes.filter_map(|route| {
        let timeout = route.timeout.as_ref()?;
        let what = format!("route {}", route.path);
        Some((timeout.value, timeout.span, what))
    });
    let mesh = model.services.entries().flat_map(|(id, service)| {
        let policies = graph.mesh.to(id).iter();
        policies.filter_map(move |policy| {
            let what = format!("the mesh, for {},", service.name);
            Some((policy.timeout?, policy.span, what))
        })
    });
    let calls = model.calls.iter().filter_map(|call| {
        let timeout = call.timeout.as_ref()?;
        let from = &model.services[call.from].name;
        let what = format!("{from}, for {},", model.name_of(call.to));
        Some((timeout.value, timeout.span, what))
    });
    // Of equal ones the first of the file.
    let mut waits: Vec<_> = routes.chain(mesh).chain(calls).collect();
    waits.sort_by_key(|(wait, span, _)| (std::cmp::Reverse(*wait), *span));
    waits.into_iter().next()
}
