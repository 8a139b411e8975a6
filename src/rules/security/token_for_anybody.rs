//! A signature alone says that a token is genuine, not that it is meant for this system.

use crate::graph::Graph;
use crate::model::gateway::{Algorithm, Authentication};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("token-for-anybody"),
    family: Family::Security,
    severity: Severity::Warn,
    required: false,
    summary: "tokens are accepted without asking who issued them, or for whom they are",
    docs: include_str!("token_for_anybody.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let declared = graph.model.authentication();
    declared.and_then(finding).into_iter().collect()
}

fn finding(declared: &Authentication) -> Option<Finding> {
    // What a shared secret signs is told with the secret.
    let algorithms = &declared.algorithms;
    if algorithms
        .iter()
        .any(|algorithm| algorithm.value == Algorithm::Hs256)
    {
        return None;
    }
    let missing = [
        ("issuer", "who issued them", declared.issuer.is_none()),
        ("audience", "for whom they are", declared.audience.is_none()),
    ];
    let missing: Vec<_> = missing.iter().filter(|(_, _, missing)| *missing).collect();
    if missing.is_empty() {
        return None;
    }
    let unasked = words::list(missing.iter().map(|(_, unasked, _)| unasked));
    let keys = words::list(missing.iter().map(|(key, _, _)| format!("`{key}:`")));
    let place = declared
        .jwks
        .as_ref()
        .map_or(declared.span, |jwks| jwks.span);
    Some(
        RULE.finding(
            place,
            format!("tokens are accepted without asking {unasked}: whatever these keys have signed opens the door"),
        )
        .here("all that these keys ever signed is accepted")
        .about("gateway")
        .help(format!("write {keys} as the issuer puts it into its tokens")),
    )
}
