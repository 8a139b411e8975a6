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
        .chain(unknown_subjects(gateway))
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

fn place(gateway: &Gateway, kind: Middleware) -> Option<usize> {
    let mut passed = gateway.middleware.iter();
    passed.position(|item| item.value == kind)
}

/// A limit that counts subjects where nobody knows them yet counts addresses.
fn unknown_subjects(gateway: &Gateway) -> Vec<Finding> {
    let check = place(gateway, Middleware::Authentication);
    let count = place(gateway, Middleware::RateLimiting);
    let (why, help) = match (&gateway.authentication, check, count) {
        (None, None, _) => (
            "nothing checks tokens",
            "declare `authentication`, or count addresses (`key: address`)",
        ),
        (Some(_), Some(check), Some(count)) if count < check => (
            "it stands in front of authentication",
            "order authentication before rate_limiting, or count addresses (`key: address`)",
        ),
        _ => return Vec::new(),
    };
    let of_routes = gateway
        .routes
        .iter()
        .filter_map(|route| route.rate_limit.as_ref());
    let limits = gateway.rate_limit.iter().chain(of_routes);
    let of_subjects = limits.filter(|limit| limit.by_subject && limit.says_who);
    let told = of_subjects.map(|limit| {
        let message = format!("a limit of subjects counts addresses instead: {why}");
        let finding = RULE.finding(limit.span, message);
        let finding = finding.here("whoever shares an address shares the limit");
        let finding = match check.filter(|_| gateway.authentication.is_some()) {
            Some(check) => finding.label(
                gateway.middleware[check].span,
                "the subject is known from here on",
            ),
            None => finding,
        };
        finding.about(Middleware::RateLimiting.as_str()).help(help)
    });
    told.collect()
}

/// A limit behind the check of tokens counts nobody who has none, unless it says that it counts subjects.
fn uncounted(gateway: &Gateway) -> Option<Finding> {
    let limit = gateway.rate_limit.as_ref()?;
    if limit.by_subject && limit.says_who {
        return None;
    }
    let (check, count) = (
        place(gateway, Middleware::Authentication)?,
        place(gateway, Middleware::RateLimiting)?,
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
