//! Tries that do not fit into the time are tries that do not happen.

use std::time::Duration;

use super::about;
use crate::graph::Graph;
use crate::graph::mesh::{Entry, Manifest, duration};
use crate::model::platform::MeshService;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Spanned;
use crate::syntax::yaml::Node;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("retry-budget-exceeds-timeout"),
    family: Family::Mesh,
    severity: Severity::Warn,
    required: false,
    summary: "the tries of the mesh take longer than the time that it has for them",
    docs: include_str!("retry_budget_exceeds_timeout.md"),
    check: Check::Graph(check),
};

/// The shortest pause between two tries: Envoy's, where nothing else is said.
const PAUSE: Duration = Duration::from_millis(25);

/// The time for one request, and for each of its tries.
#[derive(Default)]
struct Budget {
    timeout: Option<Spanned<Duration>>,
    attempts: Option<u32>,
    per_try: Option<Spanned<Duration>>,
}

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let declared = graph.model.mesh.iter().flat_map(|mesh| &mesh.services);
    let declared = declared.filter_map(|policy| of_service(graph, policy));
    let manifests = graph.manifests.iter();
    let manifests = manifests.filter(|manifest| manifest.is("VirtualService"));
    declared.chain(manifests.flat_map(of_manifest)).collect()
}

fn of_service(graph: &Graph<'_>, policy: &MeshService) -> Option<Finding> {
    let retries = policy.retries.as_ref()?;
    let budget = Budget {
        timeout: policy.timeout,
        attempts: Some(retries.attempts),
        per_try: retries.per_try_timeout,
    };
    let service = &graph.model.services[policy.service].name;
    Some(judged(&budget, "per_try_timeout")?.about(service.as_str()))
}

fn of_manifest(manifest: &Manifest<'_>) -> Vec<Finding> {
    let entries = manifest.entries().filter(|entry| entry.protocol == "http");
    let (whole, scraps): (Vec<_>, Vec<_>) = entries.partition(Entry::leads);
    let mut budgets: Vec<Budget> = whole.iter().map(Budget::of).collect();
    // Rules that lead nowhere are scraps of one: together they say what was meant.
    let scraps = scraps.iter().map(Budget::of);
    budgets.push(scraps.fold(Budget::default(), |known, scrap| Budget {
        timeout: known.timeout.or(scrap.timeout),
        attempts: known.attempts.or(scrap.attempts),
        per_try: known.per_try.or(scrap.per_try),
    }));
    let findings = budgets
        .iter()
        .filter_map(|budget| judged(budget, "perTryTimeout"));
    findings.map(|finding| about(finding, manifest)).collect()
}

impl Budget {
    fn of(entry: &Entry<'_>) -> Self {
        let time = |node: Option<&Node>| {
            let node = node?;
            Some(Spanned::new(duration(node.as_str()?)?, node.span))
        };
        let retries = entry.node.get("retries");
        let of_retries = |key| retries.and_then(|retries| retries.get(key));
        let attempts = of_retries("attempts").and_then(Node::as_str);
        Self {
            timeout: time(entry.node.get("timeout")),
            attempts: attempts.and_then(|attempts| attempts.parse().ok()),
            per_try: time(of_retries("perTryTimeout").or_else(|| of_retries("per_try_timeout"))),
        }
    }
}

fn judged(budget: &Budget, key: &str) -> Option<Finding> {
    let (timeout, per_try) = (budget.timeout?, budget.per_try?);
    let retries = budget.attempts.filter(|attempts| *attempts > 0)?;
    let tries = retries.saturating_add(1);
    let all = per_try
        .saturating_mul(tries)
        .saturating_add(PAUSE.saturating_mul(retries));
    if timeout.is_zero() || all <= timeout.value {
        return None;
    }
    let one = per_try.value.saturating_add(PAUSE);
    let begun = (timeout.as_micros().div_ceil(one.as_micros().max(1))).clamp(1, u128::from(tries));
    let (each, limit) = (
        words::duration(per_try.value),
        words::duration(timeout.value),
    );
    let message = format!(
        "{tries} tries of {each} and the pauses between take {}, and the request is given up after {limit}",
        words::duration(all)
    );
    let last = if begun < u128::from(tries) {
        format!("no more than {begun} of {tries} tries begin")
    } else {
        "the last try is cut short".to_owned()
    };
    let finding = RULE
        .finding(per_try.span, message)
        .here(last)
        .label(timeout.span, "for all of them");
    let fits = timeout.value.saturating_sub(PAUSE.saturating_mul(retries)) / tries;
    let help = format!(
        "write `{key}: {}` or less, fewer `attempts`, or a longer `timeout`",
        words::duration(round(fits))
    );
    Some(finding.help(help))
}

/// Down to a time that somebody would write.
fn round(time: Duration) -> Duration {
    let step = if time >= Duration::from_secs(1) {
        100
    } else {
        10
    };
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(if millis < step {
        millis
    } else {
        millis / step * step
    })
}
