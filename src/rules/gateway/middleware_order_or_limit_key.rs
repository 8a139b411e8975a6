//! What a request passes first decides what is seen of those that are refused.

use crate::graph::Graph;
use crate::model::gateway::{Gateway, Middleware};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Spanned;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("middleware-order-or-limit-key"),
    family: Family::Gateway,
    severity: Severity::Info,
    required: false,
    summary: "refused requests are not recorded or not counted, by the order in which they pass",
    docs: include_str!("middleware_order_or_limit_key.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let Some(gateway) = graph.model.gateway.as_ref() else {
        return Vec::new();
    };
    unrecorded(gateway)
        .into_iter()
        .chain(uncounted(gateway))
        .collect()
}

/// What may refuse a request; the answer to a page of another origin is no refusal.
fn refuses(item: &Spanned<Middleware>) -> bool {
    matches!(
        item.value,
        Middleware::Authentication | Middleware::RateLimiting
    )
}

fn records(item: &Spanned<Middleware>) -> bool {
    matches!(
        item.value,
        Middleware::Logging | Middleware::Metrics | Middleware::Tracing
    )
}

/// What stands behind something that refuses never learns of what was refused.
fn unrecorded(gateway: &Gateway) -> Option<Finding> {
    let passed = &gateway.middleware;
    let first = passed.iter().position(refuses)?;
    let behind = passed[first..].iter().filter(|item| records(item));
    let behind: Vec<&Spanned<Middleware>> = behind.collect();
    let record = behind.first()?;
    let verb = if behind.len() == 1 { "stands" } else { "stand" };
    let message = format!(
        "{} {verb} behind {}: requests that it refuses leave no trace there",
        words::list(behind.iter().map(|item| item.value.as_str())),
        passed[first].value.as_str()
    );
    Some(
        RULE.finding(record.span, message)
            .here("never sees a request that was refused before")
            .label(passed[first].span, "refuses")
            .about(record.value.as_str())
            .help("order them: tracing, metrics, logging, and then what can refuse"),
    )
}

/// A limit behind the check of tokens counts nobody who has none, unless it says that it counts subjects.
fn uncounted(gateway: &Gateway) -> Option<Finding> {
    let limit = gateway.rate_limit.as_ref()?;
    if limit.by_subject && limit.says_who {
        return None;
    }
    let place = |kind| {
        gateway
            .middleware
            .iter()
            .position(|item| item.value == kind)
    };
    let (check, count) = (
        place(Middleware::Authentication)?,
        place(Middleware::RateLimiting)?,
    );
    if count < check {
        return None;
    }
    let message = if limit.says_who {
        "addresses are counted behind authentication: whoever guesses tokens is never counted"
    } else {
        "requests are counted behind authentication, and nothing says by what: whoever guesses tokens is never counted"
    };
    Some(
        RULE.finding(gateway.middleware[count].span, message)
            .here("counts what has a good token already")
            .label(gateway.middleware[check].span, "refuses before")
            .label(limit.span, "the limit")
            .about(Middleware::RateLimiting.as_str())
            .help("count addresses in front (`key: address`, rate_limiting before authentication), or say `key: subject` where subjects are meant"),
    )
}
