//! Whoever can check a token with a shared secret can make one.

use crate::graph::Graph;
use crate::model::Model;
use crate::model::gateway::{Algorithm, Authentication};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("shared-symmetric-jwt-key"),
    family: Family::Security,
    severity: Severity::Warn,
    required: false,
    summary: "several parts check tokens with one shared secret: each of them can make tokens",
    docs: include_str!("shared_symmetric_jwt_key.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let declared = graph.model.authentication();
    declared
        .and_then(|declared| finding(graph.model, declared))
        .into_iter()
        .collect()
}

fn finding(model: &Model, declared: &Authentication) -> Option<Finding> {
    let mut algorithms = declared.algorithms.iter();
    let shared = algorithms.find(|algorithm| algorithm.value == Algorithm::Hs256)?;
    // Every service checks the tokens that reach it, as the gateway does.
    let mut checking: Vec<&str> = model
        .services
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    if checking.is_empty() {
        return None;
    }
    checking.sort_unstable();
    let message = format!(
        "tokens are checked with one secret ({}) by the gateway and {}: each of them can make tokens for anybody{}",
        shared.value.as_str(),
        words::some(&checking, 4),
        unchecked(declared)
    );
    let mut finding = RULE
        .finding(shared.span, message)
        .here("whoever can check can sign");
    if let Some(secret) = &declared.secret {
        finding = finding.label(secret.span, "the secret that they share");
    }
    Some(finding.about("gateway").help(
        "let the issuer alone keep the key: `algorithms: [EdDSA]`, with `jwks` for its public keys, `issuer` and `audience`",
    ))
}

/// What else such a token need not say.
fn unchecked(declared: &Authentication) -> &'static str {
    match (&declared.issuer, &declared.audience) {
        (None, None) => ", and neither who issued them nor for whom is checked",
        (None, Some(_)) => ", and who issued them is not checked",
        (Some(_), None) => ", and for whom they are is not checked",
        (Some(_), Some(_)) => "",
    }
}
