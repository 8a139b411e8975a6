//! Whoever reads must be free to read again, ahead, or for somebody else.

use crate::graph::Graph;
use crate::model::Model;
use crate::model::endpoint::{Action, Endpoint};
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("state-changing-get"),
    family: Family::Calls,
    severity: Severity::Warn,
    required: false,
    summary: "a GET or HEAD changes something",
    docs: include_str!("state_changing_get.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let endpoints = graph.model.endpoints.iter();
    let safe = endpoints.filter(|endpoint| endpoint.method.is_safe());
    safe.filter_map(|endpoint| finding(graph.model, endpoint))
        .collect()
}

fn finding(model: &Model, endpoint: &Endpoint) -> Option<Finding> {
    let owner = model.name_of(endpoint.owner);
    let change = change(model, endpoint)?;
    let message = format!(
        "{} {} of {owner} {change}",
        endpoint.method.as_str(),
        endpoint.path
    );
    let mut finding = RULE
        .finding(endpoint.path.span, message)
        .here("caches, crawlers and retries take it for harmless");
    if let Some(effect) = endpoint.effects.first() {
        finding = finding.label(effect.span, "changed here");
    }
    Some(
        finding
            .about(format!("{owner}.{}", endpoint.name))
            .about(owner.as_str())
            .help("write `method: POST`, and let it honour an `idempotency_key`"),
    )
}

fn change(model: &Model, endpoint: &Endpoint) -> Option<String> {
    let name = |entity| &model.entities[entity].name;
    match &endpoint.action {
        Action::Create(entity) => return Some(format!("adds to {}", name(*entity))),
        Action::Update(entity) => return Some(format!("changes {}", name(*entity))),
        Action::Delete(entity) => return Some(format!("removes from {}", name(*entity))),
        Action::Aggregate(run) => {
            let aggregate = &model.aggregates[run.aggregate];
            let command = &aggregate.commands[run.command].name;
            return Some(format!("runs {command} of {}", aggregate.name));
        }
        Action::Read(_) | Action::List { .. } | Action::Command => {}
    }
    match endpoint.effects.first() {
        Some(effect) => Some(format!("changes {}", name(effect.entity))),
        None if endpoint.writes => Some("changes something, by its `effect: write`".to_owned()),
        None => None,
    }
}
