//! Shares of the traffic that make no whole.

use super::about;
use crate::graph::Graph;
use crate::graph::mesh::{Entry, Manifest};
use crate::model::platform::MeshService;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;
use crate::syntax::yaml::Node;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("bad-weights"),
    family: Family::Mesh,
    severity: Severity::Error,
    required: false,
    summary: "the shares of the traffic are missing, negative, all nothing, or do not make 100",
    docs: include_str!("bad_weights.md"),
    check: Check::Graph(check),
};

/// A share as written, and where; nothing where it is left out.
struct Share {
    weight: Option<i64>,
    span: Span,
}

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let declared = graph.model.mesh.iter().flat_map(|mesh| &mesh.services);
    let declared = declared.filter_map(|policy| of_canary(graph, policy));
    let manifests = graph.manifests.iter();
    let manifests = manifests.filter(|manifest| manifest.is("VirtualService"));
    let raw = manifests.flat_map(|manifest| {
        let entries = manifest.entries();
        entries.filter_map(move |entry| of_entry(manifest, &entry))
    });
    declared.chain(raw).collect()
}

fn of_canary(graph: &Graph<'_>, policy: &MeshService) -> Option<Finding> {
    let shares: Vec<Share> = policy
        .canary
        .iter()
        .map(|(_, weight)| Share {
            weight: Some(i64::from(weight.value)),
            span: weight.span,
        })
        .collect();
    let service = &graph.model.services[policy.service].name;
    let finding = judged(&shares, &format!("the versions of {service}"))?;
    Some(finding.about(service.as_str()))
}

fn of_entry(manifest: &Manifest<'_>, entry: &Entry<'_>) -> Option<Finding> {
    let shares: Vec<Share> = entry
        .routes()
        .map(|route| {
            let weight = route.get("weight");
            Share {
                weight: weight
                    .and_then(Node::as_str)
                    .and_then(|text| text.parse().ok()),
                span: weight.map_or_else(|| route.head(), |weight| weight.span),
            }
        })
        .collect();
    let what = format!(
        "the destinations of {} of {}",
        entry.title(),
        manifest.title()
    );
    Some(about(judged(&shares, &what)?, manifest))
}

fn judged(shares: &[Share], what: &str) -> Option<Finding> {
    let first = shares.first()?;
    if let Some(negative) = shares
        .iter()
        .find(|share| share.weight.is_some_and(|weight| weight < 0))
    {
        let message = format!("{what} have a share below nothing");
        let finding = RULE.finding(negative.span, message).here("is negative");
        return Some(finding.help("write a share from 0 to 100"));
    }
    if shares.len() == 1 && first.weight.is_none_or(|weight| weight > 0) {
        return None;
    }
    if let Some(missing) = shares.iter().find(|share| share.weight.is_none()) {
        let all = shares.iter().all(|share| share.weight.is_none());
        let (message, here) = if all {
            (
                format!("{what} have no weights: all requests go nowhere"),
                "has no `weight`",
            )
        } else {
            (
                format!("{what} do not all have a weight: who has none gets no requests"),
                "has no `weight`",
            )
        };
        let finding = RULE.finding(missing.span, message).here(here);
        return Some(finding.help("write a `weight` for each, 100 in all"));
    }
    let weights: Vec<i64> = shares.iter().filter_map(|share| share.weight).collect();
    let sum = weights
        .iter()
        .fold(0_i64, |sum, weight| sum.saturating_add(*weight));
    if sum == 100 {
        return None;
    }
    let listed = words::some(&weights, 8);
    if sum == 0 {
        let message = format!("{what} all have the weight 0: nobody gets a request");
        let finding = RULE.finding(first.span, message).here("nothing");
        return Some(finding.help("write shares that make 100"));
    }
    let message = format!("the weights of {what} are {listed}, which makes {sum}");
    let finding = Finding::new(RULE.id, Severity::Warn, first.span, message);
    Some(finding.here(format!("of {sum}, not of 100")).help(
        "write shares that make 100: Istio takes them as proportions, and readers as percent",
    ))
}
