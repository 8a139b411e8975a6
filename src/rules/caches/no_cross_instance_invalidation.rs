//! What one copy of a service forgets, the others remember.

use crate::graph::Graph;
use crate::model::platform::Cache;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("no-cross-instance-invalidation"),
    family: Family::Caches,
    severity: Severity::Warn,
    required: false,
    summary: "each copy of a service caches in its own memory, and no event empties them",
    docs: include_str!("no_cross_instance_invalidation.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let caches = graph.model.caches.iter();
    caches.filter_map(|cache| finding(graph, cache)).collect()
}

fn finding(graph: &Graph<'_>, cache: &Cache) -> Option<Finding> {
    let model = graph.model;
    let memory = cache.memory.as_ref()?;
    // A level that copies share tells each of them what another forgets, and a named limit is a decision to live with that age.
    if cache.shared.is_some() || !cache.invalidate_on.is_empty() || cache.max_staleness.is_some() {
        return None;
    }
    let service = &model.services[cache.service];
    let copies = service.replicas.filter(|copies| *copies > 1)?;
    let (name, data) = (&cache.name, &model.entities[cache.entity].name);
    let ttl = words::duration(memory.ttl.value);
    let message = format!(
        "{} runs in {copies} copies, and when \"{data}\" changes in one, {name} of the others answers with what was for up to {ttl} more",
        service.name
    );
    let finding = RULE
        .finding(memory.ttl.span, message)
        .here("in each copy's own memory");
    Some(finding.about(name.as_str()).about(service.name.as_str()).help(format!(
        "name the events that tell of a change in `invalidate_on`, let the copies share an `l2_cache`, or say with `max_staleness` how old \"{data}\" may be"
    )))
}
